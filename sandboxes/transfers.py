"""Content of files and logs over HTTP, in both directions, never whole in memory."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

from django.http import HttpRequest, StreamingHttpResponse

from sandboxes.engine import FileStat, Reading
from sandboxes.models import Command, Sandbox
from sandboxes.output import text
from sandboxes.services import finding
from vibe.accounts.held_responses import about
from vibe.accounts.services import rights
from vibe.accounts.services.rights import RightLost, Subject
from vibe.data.database import in_thread
from vibe.shares import SharedThreads, Shares
from vibe.shares.owner import owner

BLOCK = 256 * 1024
# What a sandbox does not send holds up nobody but transfers of the same owner.
_threads = SharedThreads(
    "transfer", Shares("transfers", total=64, each=16, waiting=1000, patience=60.0)
)
# An end waits for nobody.
_ends = ThreadPoolExecutor(8, thread_name_prefix="transfer-end")
RANGE = re.compile(r"bytes=([0-9]*)-([0-9]*)")
FARTHEST = 10**18
CHECK_SECONDS = 1.5


class RangeRefused(Exception):
    """The part that was asked for lies beyond the file, which has `size` bytes."""

    def __init__(self, size: int) -> None:
        super().__init__(f"The file has {size} bytes.")
        self.size = size


def body(request: HttpRequest, sandbox: Sandbox) -> Iterator[bytes]:
    """The body of the request, block by block, for as long as its sender may write to the sandbox.

    Raises Refusal when that has ended.
    """
    return body_about(request, finding.subject(sandbox.pk))


def body_about(request: HttpRequest, subject: Subject | None) -> Iterator[bytes]:
    """The same, of what is written to something else of the sender's; None: to nothing yet."""
    right = rights.of_request(request)
    looked = time.monotonic()
    while block := request.read(BLOCK):
        # Of a large body: it is passed on as fast as the sandbox takes it.
        if time.monotonic() - looked > CHECK_SECONDS:
            try:
                rights.check(right, subject)
            except RightLost as lost:
                raise lost.loss.refusal() from None
            looked = time.monotonic()
        yield block


def span(header: str, size: int) -> tuple[int, int] | None:
    """(first byte, number of bytes) that a Range header asks for; None: the whole file.

    One range of RFC 9110; several at once are answered with the whole, as it allows.
    """
    found = RANGE.fullmatch(header.strip())
    if found is None or found[1] == found[2] == "":
        return None
    if not found[1]:
        length = min(_number(found[2]), size)
        first = size - length
    else:
        first = _number(found[1])
        last = min(_number(found[2]), size - 1) if found[2] else size - 1
        if found[2] and _number(found[2]) < first:
            return None
        length = last - first + 1
    if length <= 0:
        raise RangeRefused(size)
    return first, length


def _number(digits: str) -> int:
    """Python refuses numbers of thousands of digits; no file is as long as FARTHEST."""
    digits = digits.lstrip("0") or "0"
    return int(digits) if len(digits) < len(str(FARTHEST)) else FARTHEST


def download(
    reading: Reading,
    name: str,
    sandbox: Sandbox,
    content_type: str = "application/octet-stream",
    *,
    part: tuple[int, int] | None = None,
) -> StreamingHttpResponse:
    """Send content of the sandbox as it comes, as a file to keep; `part` is what `span` gave."""
    response = StreamingHttpResponse(_pieces(reading), content_type=content_type)
    about(response, finding.subject(sandbox.pk))
    # The bytes are a stranger's and this is the platform's origin: never let them render here.
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Accel-Buffering"] = "no"
    if reading.info is not None:
        _describe(response, reading.info, part)
    return response


def log_as_text(command: Command, stream: int | None = None) -> StreamingHttpResponse:
    """The log as a file to save; one road for the API and the page's button."""
    subject = finding.subject(command.sandbox_id)
    content = _text(command, stream)
    return as_file(content, f"{command.pk}.log", "text/plain; charset=utf-8", subject)


def as_file(
    content: AsyncIterator[bytes], name: str, media_type: str, subject: Subject
) -> StreamingHttpResponse:
    """An answer about `subject` that a browser saves under `name`."""
    response = about(StreamingHttpResponse(content, content_type=media_type), subject)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def made_as_file(
    pieces: Iterator[bytes], name: str, media_type: str, subject: Subject
) -> StreamingHttpResponse:
    """The same, of what a thread makes piece by piece."""

    async def content() -> AsyncIterator[bytes]:
        try:
            while piece := await _threads.run(owner(), next, pieces, b""):
                yield piece
        finally:
            close = getattr(pieces, "close", None)
            if close is not None:
                await asyncio.get_running_loop().run_in_executor(_ends, close)

    return as_file(content(), name, media_type, subject)


def etag(version: str) -> str:
    return f'"{version}"'


def _describe(
    response: StreamingHttpResponse, info: FileStat, part: tuple[int, int] | None
) -> None:
    response["ETag"] = etag(info.version)
    response["Accept-Ranges"] = "bytes"
    if part is not None:
        first, length = part
        response.status_code = 206
        response["Content-Range"] = f"bytes {first}-{first + length - 1}/{info.size}"
        response["Content-Length"] = str(length)
    elif info.size:  # what lies in /proc says 0 and has content all the same
        response["Content-Length"] = str(info.size)


async def _pieces(reading: Reading) -> AsyncIterator[bytes]:
    """Blocks, each waited for in a thread; what goes wrong cuts the response short."""
    blocks = iter(reading)
    try:
        while piece := await _threads.run(owner(), next, blocks, b""):
            yield piece
    finally:
        reading.interrupt()
        await asyncio.get_running_loop().run_in_executor(_ends, reading.close)


async def _text(command: Command, stream: int | None) -> AsyncIterator[bytes]:
    async for piece in text.whole(command, in_thread, stream):
        yield piece.encode()
