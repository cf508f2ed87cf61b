"""Files of a session's sandbox: directories, a gzipped tar in, raw bytes out."""

from __future__ import annotations

import posixpath
from collections.abc import AsyncIterator, Generator
from urllib.parse import quote

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from ninja import Router

from sandboxes import transfers
from sandboxes.engine.spec import WORKSPACE
from sandboxes.models import Sandbox
from sandboxes.services import files, finding
from sandboxes.services.quotas import DiskNearlyFull
from sandboxes.vercel import bodies
from sandboxes.vercel.access import ApiKeyBearer, running
from sandboxes.vercel.errors import ProtocolError
from sandboxes.vercel.shapes import bytes_shown, shown
from vibe.accounts.held_responses import about
from vibe.data.database import in_thread
from vibe.refusal import Refusal

router = Router(auth=ApiKeyBearer("files"))


@router.post(
    "/sandboxes/sessions/{session_id}/fs/mkdir", summary="Make a directory", openapi_extra=shown()
)
def make_directory(
    request: HttpRequest, session_id: str, data: bodies.MakeDirectory
) -> dict[str, str]:
    sandbox, _ = running(request, session_id)
    try:
        files.make_directory(sandbox, absolute(data.path, data.cwd), parents=data.recursive)
    except Refusal as error:
        raise file_error(error) from error
    return {}


@router.post(
    "/sandboxes/sessions/{session_id}/fs/write", summary="Write files", openapi_extra=shown()
)
def write(request: HttpRequest, session_id: str) -> dict[str, str]:
    """The body is a gzipped tar, unpacked below the directory that the header X-Cwd names."""
    sandbox, _ = running(request, session_id)
    directory = absolute(request.headers.get("x-cwd") or ".", None)
    try:
        files.unpack(sandbox, directory, transfers.body(request, sandbox))
    except Refusal as error:
        raise file_error(error) from error
    return {}


@router.post(
    "/sandboxes/sessions/{session_id}/fs/read", summary="Read a file", openapi_extra=bytes_shown()
)
def read(request: HttpRequest, session_id: str, data: bodies.ReadFile) -> HttpResponseBase:
    sandbox, _ = running(request, session_id)
    return content(sandbox, absolute(data.path, data.cwd))


def content(sandbox: Sandbox, path: str) -> HttpResponseBase:
    """A file's bytes as they come. What is at hand at once decides between a file and an error."""
    try:
        reading = files.open_file(sandbox, path)
        blocks = files.in_words(reading)
        first = next(blocks, b"")
    except Refusal as error:
        if error.code == "not_found":
            raise ProtocolError(404, "not_found", f"No such file or directory: {path}") from error
        raise file_error(error) from error
    response = StreamingHttpResponse(
        _streamed(first, blocks), content_type="application/octet-stream"
    )
    about(response, finding.subject(sandbox.pk))
    name = quote(posixpath.basename(path), safe="")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def file_error(error: Refusal) -> Exception:
    """A failed operation in the protocol's words; others go their own way."""
    if isinstance(error, DiskNearlyFull):  # a repeated upload would be refused as well
        return ProtocolError(400, "file_error", f"{error.message} {error.hint}")
    match error.code:
        case "not_found":
            return _known("No such file or directory", error)
        case "unavailable" | "timeout" | "not_running" | "unauthorized" | "denied":
            return error
        case "conflict":
            return _known("File exists", error)
    return ProtocolError(400, "file_error", f"{error.message} {error.hint}".strip())


def _known(words: str, error: Refusal) -> ProtocolError:
    """With the words that clients look for, said once."""
    said = error.message
    message = said if said.startswith(words) else f"{words}. {said}"
    return ProtocolError(400, "file_error", message)


def absolute(path: str, cwd: str | None) -> str:
    """A path of the sandbox; relative ones begin at `cwd`, which begins at the workspace."""
    return posixpath.normpath(posixpath.join(WORKSPACE, cwd or "", path))


async def _streamed(first: bytes, blocks: Generator[bytes, None, None]) -> AsyncIterator[bytes]:
    try:
        yield first
        while block := await in_thread(next, blocks, b""):
            yield block
    finally:
        await in_thread(blocks.close)
