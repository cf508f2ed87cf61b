"""The log of a command as newline-delimited JSON, from any byte on, live if wanted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router

from sandboxes.api.log_text import LogText
from sandboxes.models import Command
from sandboxes.output import replay
from sandboxes.services import commands
from vibe.api import streaming
from vibe.api.authentication import access, caller
from vibe.api.fields import Offset
from vibe.api.openapi import streamed

router = Router(auth=access("run"))
BATCH = 256 * 1024
# A resumed reader may begin within a character whose first bytes lie before its cursor.
LOOK_BACK = 64 * 1024

EXAMPLE = """\
{"offset":0,"stream":"stdout","data":"added 64 packages\\n","next":18}
{"end":true,"status":"finished","cause":"exited","exit_code":0}
"""


@router.get(
    "/commands/{slug:command_id}/logs",
    summary="Read or follow a log",
    openapi_extra=streamed(streaming.NDJSON, "One JSON object a line", EXAMPLE),
)
async def command_logs(
    request: HttpRequest, command_id: str, after: Offset = 0, follow: bool = False
) -> HttpResponseBase:
    """Lines `{"offset", "stream", "data", "next"}`: `offset` counts the bytes of both streams
    before it, `next` is the `after` with which to resume. Bytes that are no UTF-8 are replaced.
    `{"offset", "dropped", "next"}` stands where the log's limit cut bytes out.

    With `follow=1` the answer goes on while the command runs and its last line is
    `{"end": true, "status", "cause", "exit_code", …}`.
    """
    command = await streaming.query(commands.get_for, caller(request), command_id)
    lines = _live(command, after) if follow else _kept(command, after)
    return streaming.respond(lines, streaming.NDJSON)


async def _kept(command: Command, after: int) -> AsyncIterator[str]:
    text = await _primed(command, after)
    while pieces := await streaming.query(replay.read, command, after, BATCH):
        for piece in pieces:
            if piece.offset > after:
                for line in _dropped(text, replay.Dropped(after, piece.offset - after)):
                    yield line
            if found := text.feed(piece.offset, piece.stream, piece.data):
                yield streaming.line(found)
            after = piece.end
    if command.is_finished:
        for last in text.flush():
            yield streaming.line(last)


async def _live(command: Command, after: int) -> AsyncIterator[str]:
    text = await _primed(command, after)
    async with aclosing(replay.follow(command.pk, after)) as items:
        async for item in items:
            if isinstance(item, replay.Dropped):
                for line in _dropped(text, item):
                    yield line
            elif isinstance(item, replay.End):
                for last in text.flush():
                    yield streaming.line(last)
                yield streaming.line(_end(item.command))
            elif found := text.feed(item.offset, item.stream, item.data):
                yield streaming.line(found)


def _dropped(text: LogText, gap: replay.Dropped) -> list[str]:
    lines = [streaming.line(found) for found in text.flush()]
    return [
        *lines,
        streaming.line({"offset": gap.offset, "dropped": gap.size, "next": gap.end}),
    ]


def _end(command: Command) -> dict[str, object]:
    return {
        "end": True,
        "status": command.status,
        "cause": command.cause,
        "exit_code": command.exit_code,
        "signal": command.signal,
        "outcome": command.outcome,
        "next": command.log_size,
    }


async def _primed(command: Command, after: int) -> LogText:
    """A decoder that has seen what comes right before `after`."""
    text = LogText()
    if after:
        start = max(0, after - LOOK_BACK)
        for piece in await streaming.query(replay.read, command, start, after - start):
            if piece.offset < after:
                text.feed(piece.offset, piece.stream, piece.data[: after - piece.offset])
    return text
