"""Output for readers: what is kept from the rows, what is new from the stream, each byte once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass

from django.db.models.functions import Length

from sandboxes.models import Command, LogChunk
from sandboxes.news.events import log_key
from sandboxes.output.live import read_at
from sandboxes.output.notes import removal_note
from sandboxes.output.terminal_codes import without_codes
from vibe.data.database import in_thread
from vibe.data.prepared import Prepared
from vibe.streams.entries import Entry
from vibe.streams.hub import SlowWatcher, hub

PAGE_BYTES = 1024 * 1024
# A reader that finds a gap waits this long for the writer to store what lies in it.
GAP_SECONDS = 10.0
GAP_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Piece:
    """Bytes of one stream; `offset` is where they begin, the next cursor is `end`.

    `at`: when they were read (seconds, Unix), 0 where that is not known. `line`: number of the
    line that the first byte belongs to; None while it is only in the live stream.
    """

    offset: int
    stream: int
    data: bytes
    at: float = 0.0
    line: int | None = None

    @property
    def end(self) -> int:
        return self.offset + len(self.data)


@dataclass(frozen=True)
class Dropped:
    """Output that is not kept: the command wrote more than its log may hold, or it was removed.

    `line`: number of the line that the first byte after it belongs to, where something follows.
    """

    offset: int
    size: int
    line: int | None = None

    @property
    def end(self) -> int:
        return self.offset + self.size


@dataclass(frozen=True)
class End:
    """The command has finished and everything kept of its output has been delivered."""

    command: Command


Item = Piece | Dropped | End


def read(
    command: Command, after: int = 0, limit_bytes: int = PAGE_BYTES, until: int | None = None
) -> list[Piece]:
    """Stored pieces from `after` on, at most about `limit_bytes` and none from `until` on.

    A gap is a jump in `offset`.
    """
    rows = LogChunk.objects.filter(command_id=command.pk)
    if after:
        # The row that `after` lies in begins before it.
        earlier = rows.filter(offset__lte=after).order_by("-offset")
        first = earlier.values_list("offset", flat=True).first()
        rows = rows.filter(offset__gte=after if first is None else first)
    if until is not None:
        rows = rows.filter(offset__lt=until)
    pieces: list[Piece] = []
    size = 0
    for chunk in rows.order_by("offset").iterator(chunk_size=16):
        data = bytes(chunk.data)
        skip = max(0, after - chunk.offset)
        at = chunk.written_at.timestamp() if chunk.written_at else 0.0
        line = chunk.first_line + data[:skip].count(b"\n")
        kept = data[skip : None if until is None else until - chunk.offset]
        if not kept:
            continue
        pieces.append(Piece(chunk.offset + skip, chunk.stream, kept, at, line))
        size += len(kept)
        if size >= limit_bytes:
            break
    return pieces


def plain(data: bytes) -> str:
    """Text of output: no terminal codes, what is not UTF-8 as replacement characters."""
    return without_codes(data.decode("utf-8", "replace")).replace("\r\n", "\n")


def text(command: Command, max_bytes: int = 64 * 1024, *, tail: bool = True) -> str:
    """Stored output: all of it, or its start and end with a note of what lies between.

    `tail=False` keeps only the start.
    """
    size = _stored_size(command)
    if size <= max_bytes:
        return plain(_joined(command, 0, max_bytes)) or removal_note(command)
    if not tail:
        return f"{plain(_joined(command, 0, max_bytes))}\n[… {size - max_bytes} bytes more]"
    head = _joined(command, 0, max_bytes // 4)
    room = max_bytes - len(head)
    end = _joined(command, size - room, room)
    left_out = size - len(head) - len(end)
    return f"{plain(head)}\n[… {left_out} bytes left out …]\n{plain(end)}"


def _joined(command: Command, after: int, size: int) -> bytes:
    pieces = read(command, after, size, until=after + size)
    return b"".join(piece.data for piece in pieces)


def _stored_size(command: Command) -> int:
    rows = LogChunk.objects.filter(command_id=command.pk).order_by("-offset")
    newest = rows.values_list("offset", Length("data")).first()
    return newest[0] + newest[1] if newest else 0


async def follow(
    command_id: str, after: int = 0, *, new: bool = False
) -> AsyncGenerator[Item, None]:
    """Everything from `after` on, as it is produced; ends with End.

    Of a `new` command, which was queued this moment, there are no rows to look for.
    """
    async with aclosing(batches(command_id, after, new=new)) as found:
        async for batch in found:
            for item in batch:
                yield item


async def batches(
    command_id: str, after: int = 0, *, new: bool = False
) -> AsyncGenerator[Sequence[Item], None]:
    """As `follow`; what has come since the reader last asked is handed out together.

    Rows first, then the live stream; whoever falls behind or meets a gap goes back to the rows.
    """
    position = after
    gap_since: float | None = None
    while True:
        if not new:
            command, pieces = await in_thread(_stored, command_id, position)
            if pieces:
                gap_since = None
                yield _with_gaps(pieces, position)
                position = pieces[-1].end
                continue
            if command.is_finished:
                left = command.log_size - position
                yield [*([Dropped(position, left)] if left > 0 else []), End(command)]
                return
        new = gap = False
        with suppress(SlowWatcher):
            async with aclosing(hub().watch(log_key(command_id), position)) as watching:
                async for entries in watching:
                    fresh, gap = _live(entries, position)
                    if fresh:
                        position, gap_since = fresh[-1].end, None
                        yield fresh
                    # Silence may mean that the command has ended unseen: the row knows.
                    if gap or not entries or any(b"end" in fields for _, fields in entries):
                        break
        if gap:
            # The stream was trimmed or lost; the writer stores within a quarter of a second.
            now = asyncio.get_running_loop().time()
            gap_since = gap_since or now
            if now - gap_since > GAP_SECONDS:
                raise TimeoutError(f"The output of {command_id} at {position} is not stored.")
            await asyncio.sleep(GAP_POLL_SECONDS)


def _with_gaps(pieces: list[Piece], position: int) -> list[Item]:
    found: list[Item] = []
    for piece in pieces:
        if piece.offset > position:
            found.append(Dropped(position, piece.offset - position, piece.line))
        found.append(piece)
        position = piece.end
    return found


def _live(entries: list[Entry], position: int) -> tuple[list[Piece], bool]:
    """(new pieces of live entries, whether bytes before the next entry are missing)."""
    found: list[Piece] = []
    for end, fields in entries:
        if b"d" not in fields or end <= position:
            continue
        offset = int(fields[b"o"])
        if offset > position:
            return found, True
        data = fields[b"d"][position - offset :]
        found.append(Piece(position, int(fields[b"s"]), data, read_at(fields)))
        position = end
    return found, False


_by_id = Prepared(lambda command: Command.objects.filter(pk=command))


def _stored(command_id: str, after: int) -> tuple[Command, list[Piece]]:
    # The row first: when it says "finished", every byte has been stored before.
    command = _by_id.first(command_id)
    if command is None:
        raise Command.DoesNotExist(command_id)
    return command, read(command, after)
