"""Content of files, and whole folders as archives, as streams in both directions."""

from __future__ import annotations

import posixpath
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Query, Router

from sandboxes import transfers
from sandboxes.api.file_schemas import ArchiveFormat, UnpackedOut, WrittenFileOut
from sandboxes.services import files, finding
from vibe.api import errors
from vibe.api.authentication import access, caller
from vibe.api.fields import BIGGEST, Directory, Path, Text

router = Router(auth=access("files"))


def taken(media_type: str) -> dict[str, Any]:
    """`openapi_extra` of an operation whose body is raw bytes."""
    content = {media_type: {"schema": {"type": "string", "format": "binary"}}}
    return {"requestBody": {"required": True, "content": content}}


def given(*media_types: str) -> dict[str, Any]:
    """`openapi_extra` of an operation whose answer is raw bytes."""
    content = {name: {"schema": {"type": "string", "format": "binary"}} for name in media_types}
    return {"responses": {200: {"description": "The bytes", "content": content}}}


@router.api_operation(["HEAD"], "/sandboxes/{sandbox_id}/files/content", include_in_schema=False)
def look_at_file(request: HttpRequest, sandbox_id: Text, path: Path) -> HttpResponseBase:
    info = files.stat(finding.get_for(caller(request), sandbox_id), path)
    answer = HttpResponse(content_type="application/octet-stream")
    answer["Content-Length"], answer["ETag"] = str(info.size), transfers.etag(info.version)
    answer["Accept-Ranges"] = "bytes"
    return answer


@router.get(
    "/sandboxes/{sandbox_id}/files/content",
    summary="Read a file",
    openapi_extra=given("application/octet-stream"),
)
def read_file(
    request: HttpRequest,
    sandbox_id: Text,
    path: Path,
    max_bytes: Annotated[int, Query(ge=1, le=BIGGEST, description="Refuse larger ones.")] = BIGGEST,
) -> HttpResponseBase:
    """Its bytes, as they are; a part of them with the header `Range: bytes=0-999`."""
    sandbox = finding.get_for(caller(request), sandbox_id)
    part = None
    wanted = request.headers.get("Range", "")
    if wanted:
        info = files.stat(sandbox, path)
        seen = request.headers.get("If-Range", "")
        if not seen or seen == transfers.etag(info.version):
            try:
                part = transfers.span(wanted, info.size)
            except transfers.RangeRefused as refusal:
                answer = errors.answer(
                    "invalid", str(refusal), "Ask for bytes that it has.", status=416
                )
                answer["Content-Range"] = f"bytes */{refusal.size}"
                return answer
    first, length = part or (0, None)
    limit = None if part else max_bytes
    reading = files.open_file(sandbox, path, offset=first, length=length, max_bytes=limit)
    name = posixpath.basename(path.rstrip("/")) or "file"
    return transfers.download(reading, name, sandbox, part=part)


@router.put(
    "/sandboxes/{sandbox_id}/files/content",
    response=WrittenFileOut,
    summary="Write a file from the body",
    openapi_extra=taken("application/octet-stream"),
)
def write_file(
    request: HttpRequest,
    response: HttpResponse,
    sandbox_id: Text,
    path: Path,
    append: bool = False,
    mode: Annotated[str, Query(pattern="^([0-7]{3,4})?$", description="Octal: 755")] = "",
) -> Any:
    """The body is the file. With `If-Match: "VERSION"` only over that version of it, with
    `If-None-Match: *` only where there is none; else 409."""
    sandbox = finding.get_for(caller(request), sandbox_id)
    expect = request.headers.get("If-Match", "").strip().strip('"') or None
    if request.headers.get("If-None-Match", "").strip() == "*":
        expect = ""
    version = files.write_file(
        sandbox,
        path,
        transfers.body(request, sandbox),
        mode=int(mode, 8) if mode else None,
        append=append,
        expect=expect,
    )
    response["ETag"] = transfers.etag(version)
    return {"written": [path], "version": version}


@router.get(
    "/sandboxes/{sandbox_id}/files/archive",
    summary="Download a folder",
    openapi_extra=given(*files.ARCHIVES.values()),
)
def download_archive(
    request: HttpRequest,
    sandbox_id: Text,
    path: Directory = ".",
    format: ArchiveFormat = "tar.gz",
    everything: Annotated[
        bool, Query(description="Also folders that tools make anew, such as node_modules.")
    ] = False,
) -> HttpResponseBase:
    """All of it as one archive, made while it is sent."""
    sandbox = finding.get_for(caller(request), sandbox_id)
    reading = files.pack(sandbox, path, format, everything=everything)
    name = posixpath.basename(posixpath.normpath(path)).strip(".") or sandbox.name
    return transfers.download(reading, f"{name}.{format}", sandbox, files.ARCHIVES[format])


@router.post(
    "/sandboxes/{sandbox_id}/files/archive",
    response=UnpackedOut,
    summary="Upload a folder",
    openapi_extra=taken("application/octet-stream"),
)
def upload_archive(request: HttpRequest, sandbox_id: Text, path: Directory = ".") -> Any:
    """The body is a tar, tar.gz or zip; it is unpacked into `path`, over what is there."""
    sandbox = finding.get_for(caller(request), sandbox_id)
    return files.unpack(sandbox, path, transfers.body(request, sandbox))
