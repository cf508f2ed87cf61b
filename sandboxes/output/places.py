"""Where things lie in a log: the byte at which a line begins, the line that a byte belongs to.

Line n begins after the (n-1)th line end of the log, whichever stream wrote that. Rows are found
by halving along the index of offsets, since both numbers only grow.
"""

from __future__ import annotations

from django.db.models import QuerySet

from sandboxes.models import Command, LogChunk


def line_offset(command: Command, line: int) -> int:
    """The byte at which `line` (from 1) begins; the end of what is kept when it is beyond that.

    For a line that was cut out it is the byte at which the gap begins.
    """
    if line <= 1:
        return 0
    wanted = line - 1  # the number of the line end before it
    chunk = _last_beginning_by(command, wanted)
    if chunk is None:
        return 0
    ends = wanted - chunk.first_line + 1
    data = bytes(chunk.data)
    if ends > chunk.line_count:
        return chunk.offset + len(data)
    position = -1
    for _ in range(ends):
        position = data.index(b"\n", position + 1)
    return chunk.offset + position + 1


def line_at(command: Command, offset: int) -> int:
    """The line that the byte at `offset` belongs to; past the end, the line that comes next."""
    chunk = _rows(command).filter(offset__lte=offset).order_by("-offset").first()
    if chunk is None:
        return 1
    return chunk.first_line + bytes(chunk.data)[: offset - chunk.offset].count(b"\n")


def tail_offset(command: Command, lines: int) -> int:
    """The byte at which the last `lines` lines begin."""
    newest = _rows(command).order_by("-offset").first()
    if newest is None:
        return 0
    data = bytes(newest.data)
    if lines <= 0:
        return newest.offset + len(data)
    total = newest.first_line + newest.line_count - data.endswith(b"\n")
    return line_offset(command, total - lines + 1)


def last_lines(command: Command, size: int) -> tuple[int, int]:
    """(byte, line) at which a line begins about `size` bytes before the end; (0, 1) if shorter."""
    end = stored_end(command)
    if end <= size:
        return 0, 1
    line = line_at(command, end - size) + 1
    offset = line_offset(command, line)
    # Within one endless line there is no beginning to go to.
    return (offset, line) if offset < end else (end - size, line - 1)


def stored_end(command: Command) -> int:
    """How many bytes the rows reach to; the live stream may be a quarter of a second ahead."""
    newest = _rows(command).order_by("-offset").first()
    return newest.offset + len(bytes(newest.data)) if newest else 0


def _rows(command: Command) -> QuerySet[LogChunk]:
    return LogChunk.objects.filter(command_id=command.pk)


def _last_beginning_by(command: Command, line: int) -> LogChunk | None:
    """The last row whose first byte belongs to `line` or to one before it."""
    rows = _rows(command).only("offset", "first_line").order_by("-offset")
    newest = rows.first()
    if newest is None:
        return None
    low, high = 0, newest.offset + 1
    while high - low > 1:
        middle = (low + high) // 2
        found = rows.filter(offset__lte=middle).values_list("offset", "first_line").first()
        if found is None or found[1] <= line:
            low = middle
        else:
            high = found[0]
    return _rows(command).filter(offset__lte=low).order_by("-offset").first()
