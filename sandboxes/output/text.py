"""Kept output as text without terminal codes: a page of lines, or all of it piece by piece."""

from __future__ import annotations

import codecs
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from sandboxes.models import Command, LogChunk
from sandboxes.output import places, replay
from sandboxes.output.lines import Line, LineSplitter
from sandboxes.output.notes import gap_note, removal_note
from sandboxes.output.terminal_codes import without_codes

# A terminal code that a piece may have torn; longer ones are shown as they are.
MAX_CODE = 4096
# An escape, a single character that begins a longer code, the first half of a line end.
_TORN = re.compile(r"[\x1b\x90\x98\x9b\x9d-\x9f]|\r\Z")
BATCH = 256 * 1024
PAGE_BYTES = 1024 * 1024

Read = Callable[..., Awaitable[list[replay.Piece]]]


@dataclass(frozen=True)
class TextPage:
    """Some consecutive lines, as they lie in the log; `total`: lines of all of it so far."""

    lines: list[Line]
    first: int
    last: int
    total: int


def page(command: Command, first: int | None, count: int) -> TextPage:
    """`count` lines from line `first` on; None: the last ones. Bounded also in bytes."""
    total = _stored_lines(command)
    first = max(1, total - count + 1 if first is None else min(first, total))
    splitter = LineSplitter()
    lines: list[Line] = []
    for piece in replay.read(command, places.line_offset(command, first), PAGE_BYTES):
        assert piece.line is not None
        lines += splitter.feed(piece.line, piece.offset, piece.stream, piece.data)
        if piece.line > first + count:
            break
    lines = [line for line in lines + splitter.flush() if first <= line.number < first + count]
    last = lines[-1].number if lines else first
    return TextPage(lines, first, last, total)


async def whole(command: Command, read: Read, stream: int | None = None) -> AsyncIterator[str]:
    """All kept text, in pieces; what was left out is said where it was.

    `read` runs `replay.read` in a thread. `stream`: only that one.
    """
    position = 0
    texts: dict[int, PlainText] = {}
    while pieces := await read(replay.read, command, position, BATCH):
        for piece in pieces:
            if piece.offset > position:
                yield gap_note(piece.offset - position)
            position = piece.end
            if stream in (None, piece.stream):
                yield texts.setdefault(piece.stream, PlainText()).feed(piece.data)
    for rest in texts.values():
        yield rest.end()
    if command.is_finished and command.log_size > position:
        yield removal_note(command) or gap_note(command.log_size - position)


@dataclass
class PlainText:
    """Decodes one stream piece by piece; neither a character nor a terminal code is torn."""

    _decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace")
    )
    _held: str = ""

    def feed(self, data: bytes, *, final: bool = False) -> str:
        text = self._held + self._decoder.decode(data, final)
        self._held = ""
        text = without_codes(text, torn=not final)
        if not final and (torn := _TORN.search(text, max(0, len(text) - MAX_CODE))):
            text, self._held = text[: torn.start()], text[torn.start() :]
        return text.replace("\r\n", "\n")

    def end(self) -> str:
        return self.feed(b"", final=True)


def _stored_lines(command: Command) -> int:
    """Lines so far, counting one that has not ended."""
    newest = LogChunk.objects.filter(command_id=command.pk).order_by("-offset").first()
    if newest is None:
        return 0
    return newest.first_line + newest.line_count - bytes(newest.data).endswith(b"\n")
