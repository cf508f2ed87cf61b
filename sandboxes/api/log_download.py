"""The log of a command as a file: text without terminal codes, or the very bytes."""

from __future__ import annotations

from collections.abc import AsyncIterator

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router

from sandboxes.api.logs import STREAMS, StreamName, Until
from sandboxes.models import Command
from sandboxes.output import replay
from sandboxes.services import commands, finding
from sandboxes.transfers import as_file, log_as_text
from vibe.api.authentication import access, caller
from vibe.api.fields import Offset
from vibe.api.openapi import streamed
from vibe.data.database import in_thread

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
    return log_as_text(command, STREAMS.get(stream or ""))


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
    about = finding.subject(command.sandbox_id)
    return as_file(found, f"{command.pk}.bin", "application/octet-stream", about)


async def _raw(
    command: Command, after: int, until: int | None, stream: int | None
) -> AsyncIterator[bytes]:
    while pieces := await in_thread(replay.read, command, after, BATCH, until):
        for piece in pieces:
            if stream in (None, piece.stream):
                yield piece.data
            after = piece.end
