"""The log of a command as a file: text without terminal codes, or the very bytes."""

from __future__ import annotations

from collections.abc import AsyncIterator

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from ninja import Router

from sandboxes.api.logs import STREAMS, StreamName, Until
from sandboxes.models import Command
from sandboxes.output import replay, text
from sandboxes.services import commands
from vibe.api.authentication import access, caller
from vibe.api.fields import Offset
from vibe.api.openapi import streamed
from vibe.database import in_thread

router = Router(auth=access("run"))
BATCH = 256 * 1024


@router.get(
    "/commands/{slug:command_id}/logs/text",
    summary="Download a log as text",
    openapi_extra=streamed("text/plain", "All that is kept", "added 64 packages\n"),
)
def download_text(
    request: HttpRequest, command_id: str, stream: StreamName = None
) -> HttpResponseBase:
    """UTF-8 without terminal codes. A line `[… N bytes left out …]` stands where the log's limit
    cut bytes out."""
    command = commands.get_for(caller(request), command_id)
    return as_text(command, STREAMS.get(stream or ""))


@router.get(
    "/commands/{slug:command_id}/logs/raw",
    summary="Download the bytes of a log",
    openapi_extra=streamed("application/octet-stream", "Bytes", "added 64 packages\n"),
)
def download_raw(
    request: HttpRequest,
    command_id: str,
    after: Offset = 0,
    until: Until = None,
    stream: StreamName = None,
) -> HttpResponseBase:
    """The bytes as the command wrote them, from byte `after` on and before byte `until`. Bytes
    that are not kept are missing without a mark; `dropped_bytes` of the command counts them."""
    command = commands.get_for(caller(request), command_id)
    found = _raw(command, after, until, STREAMS.get(stream or ""))
    return _file(found, f"{command.pk}.bin", "application/octet-stream")


def as_text(command: Command, stream: int | None = None) -> StreamingHttpResponse:
    """The log as a file to save; for the page's button as well."""
    return _file(_text(command, stream), f"{command.pk}.log", "text/plain; charset=utf-8")


async def _text(command: Command, stream: int | None) -> AsyncIterator[bytes]:
    async for piece in text.whole(command, in_thread, stream):
        yield piece.encode()


async def _raw(
    command: Command, after: int, until: int | None, stream: int | None
) -> AsyncIterator[bytes]:
    while pieces := await in_thread(replay.read, command, after, BATCH, until):
        for piece in pieces:
            if stream in (None, piece.stream):
                yield piece.data
            after = piece.end


def _file(content: AsyncIterator[bytes], name: str, media_type: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
