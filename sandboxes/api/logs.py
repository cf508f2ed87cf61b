"""The log of a command as newline-delimited JSON, from any byte on, live if wanted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated, Literal

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Query, Router

from sandboxes.models import Command
from sandboxes.output import places, replay
from sandboxes.output.decoding import NAMES, LogText
from sandboxes.services import commands, finding
from vibe.api import streaming
from vibe.api.authentication import access, caller
from vibe.api.fields import BIGGEST, Offset
from vibe.api.openapi import streamed
from vibe.data.database import in_thread
from vibe.refusal import Refusal

router = Router(auth=access("run"))
BATCH = 256 * 1024
# A resumed reader may begin within a character whose first bytes lie before its cursor.
LOOK_BACK = 64 * 1024
STREAMS = {name: number for number, name in NAMES.items()}

Until = Annotated[int | None, Query(ge=0, le=BIGGEST, description="The byte to end before.")]
FromLine = Annotated[int | None, Query(ge=1, le=BIGGEST, description="The line to begin with.")]
Tail = Annotated[int | None, Query(ge=0, le=BIGGEST, description="So many of the last lines.")]
StreamName = Annotated[Literal["stdout", "stderr"] | None, Query(description="Only this one.")]

EXAMPLE = """\
{"offset":0,"stream":"stdout","data":"added 64 packages\\n","next":18,"at":1767225600.25}
{"end":true,"status":"finished","cause":"exited","exit_code":0}
"""


@router.get(
    "/commands/{slug:command_id}/logs",
    summary="Read or follow a log",
    openapi_extra=streamed(streaming.NDJSON, "One JSON object a line", EXAMPLE),
)
def command_logs(
    request: HttpRequest,
    command_id: str,
    after: Offset = 0,
    follow: bool = False,
    until: Until = None,
    from_line: FromLine = None,
    tail: Tail = None,
    stream: StreamName = None,
) -> HttpResponseBase:
    """Lines `{"offset", "stream", "data", "next", "at"}`: `offset` counts the bytes of both streams
    before it, `next` is the `after` with which to resume, `at` (seconds since 1970) when it was
    read. Bytes that are no UTF-8 are replaced.
    `{"offset", "dropped", "next"}` stands where the log's limit cut bytes out.

    It begins at byte `after`, or at line `from_line` (from 1), or with the last `tail` lines;
    `until` is the byte before which it ends. Line n begins after the (n-1)th line end of the log,
    whichever stream wrote that.

    With `follow=1` the answer goes on while the command runs and its last line is
    `{"end": true, "status", "cause", "exit_code", …}`.
    """
    command = commands.get_for(caller(request), command_id)
    if sum((after > 0, from_line is not None, tail is not None)) > 1:
        raise Refusal("Give one of after, from_line and tail.", "They all say where.", "invalid")
    if from_line is not None:
        after = places.line_offset(command, from_line)
    elif tail is not None:
        after = places.tail_offset(command, tail)
    part = Part(after, until, STREAMS.get(stream or ""))
    lines = _live(command, part) if follow else _kept(command, part)
    return streaming.respond(lines, streaming.NDJSON, finding.subject(command.sandbox_id))


@dataclass(frozen=True)
class Part:
    """The bytes that were asked for, of one stream or of both."""

    after: int
    until: int | None
    stream: int | None

    def lines(self, text: LogText, item: replay.Piece | replay.Dropped) -> list[str]:
        """What to send of an item that begins within."""
        if isinstance(item, replay.Dropped):
            size = min(item.end, self.until or item.end) - item.offset
            lines = [streaming.line(found) for found in text.flush()]
            dropped = {"offset": item.offset, "dropped": size, "next": item.offset + size}
            return [*lines, streaming.line(dropped)]
        if self.stream not in (None, item.stream):
            return []
        data = item.data if self.until is None else item.data[: self.until - item.offset]
        found = text.feed(item.offset, item.stream, data)
        if found is None:
            return []
        return [streaming.line(found | {"at": round(item.at, 3)} if item.at else found)]

    def ends_before(self, offset: int) -> bool:
        return self.until is not None and offset >= self.until


def followed(command: Command) -> AsyncIterator[str]:
    """The lines of a new command's log while it is written, and the one that says how it ended."""
    return _live(command, Part(0, None, None), new=True)


async def _kept(command: Command, part: Part) -> AsyncIterator[str]:
    position = part.after
    text = await _primed(command, position)
    while pieces := await in_thread(replay.read, command, position, BATCH, part.until):
        for piece in pieces:
            if piece.offset > position:
                for line in part.lines(text, replay.Dropped(position, piece.offset - position)):
                    yield line
            for line in part.lines(text, piece):
                yield line
            position = piece.end
    if command.is_finished and command.log_size > position and not part.ends_before(position):
        for line in part.lines(text, replay.Dropped(position, command.log_size - position)):
            yield line
    if command.is_finished or part.until is not None:
        for last in text.flush():
            yield streaming.line(last)


async def _live(command: Command, part: Part, *, new: bool = False) -> AsyncIterator[str]:
    text = await _primed(command, part.after)
    async with aclosing(replay.follow(command.pk, part.after, new=new)) as items:
        async for item in items:
            if isinstance(item, replay.End):
                for last in text.flush():
                    yield streaming.line(last)
                yield streaming.line(_end(item.command))
                return
            if not part.ends_before(item.offset):
                for line in part.lines(text, item):
                    yield line
            if part.ends_before(item.end):
                for last in text.flush():
                    yield streaming.line(last)
                return


def _end(command: Command) -> dict[str, object]:
    return {
        "end": True,
        "status": command.status,
        "cause": command.cause,
        "exit_code": command.exit_code,
        "signal": command.signal,
        "outcome": command.own_outcome,
        "next": command.log_size,
    }


async def _primed(command: Command, after: int) -> LogText:
    """A decoder that has seen what comes right before `after`."""
    text = LogText()
    if after:
        start = max(0, after - LOOK_BACK)
        for piece in await in_thread(replay.read, command, start, after - start):
            if piece.offset < after:
                text.feed(piece.offset, piece.stream, piece.data[: after - piece.offset])
    return text
