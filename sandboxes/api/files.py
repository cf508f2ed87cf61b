"""Files of a sandbox: list, read, write, move, remove."""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import Annotated, Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from ninja.responses import Status
from pydantic import Field, model_validator

from sandboxes.api.schemas import FilesOut
from sandboxes.services import files, lifecycle
from vibe.api.authentication import access, caller
from vibe.api.errors import ApiError
from vibe.api.fields import Directory, Path, Text

router = Router(auth=access("files"))
LARGEST = 64 * 1024 * 1024
BLOCK = 256 * 1024


class FileIn(Schema):
    """Give `content` (text) or `content_base64` (any bytes)."""

    path: Text = Field(min_length=1, max_length=4096, examples=["src/index.js"])
    content: str | None = Field(None, examples=["console.log('hello')\n"])
    content_base64: str | None = None

    @model_validator(mode="after")
    def one_content(self) -> FileIn:
        if (self.content is None) == (self.content_base64 is None):
            raise ValueError("give content or content_base64, one of them")
        self.raw()
        return self

    def raw(self) -> bytes:
        try:
            if self.content is not None:
                return self.content.encode()
            return b64decode(self.content_base64 or "", validate=True)
        except (binascii.Error, UnicodeEncodeError):
            raise ValueError("the content cannot be decoded") from None


class WrittenOut(Schema):
    written: list[str]


class MoveIn(Schema):
    source: Text = Field(min_length=1, max_length=4096, examples=["a.txt"])
    target: Text = Field(min_length=1, max_length=4096, examples=["notes/a.txt"])


class DirectoryIn(Schema):
    path: Text = Field(min_length=1, max_length=4096, examples=["src/pages"])


@router.get("/sandboxes/{sandbox_id}/files", response=FilesOut, summary="List files")
def list_files(request: HttpRequest, sandbox_id: Text, path: Directory = ".") -> Any:
    """What lies below a directory of the workspace."""
    sandbox = lifecycle.get_for(caller(request), sandbox_id)
    items, truncated = files.list_files(sandbox, path)
    return {"path": path, "items": items, "truncated": truncated}


@router.put("/sandboxes/{sandbox_id}/files", response=WrittenOut, summary="Write files")
def write_files(request: HttpRequest, sandbox_id: Text, data: list[FileIn]) -> Any:
    """Writes all of them, making directories as needed."""
    sandbox = lifecycle.get_for(caller(request), sandbox_id)
    files.write_files(sandbox, [(file.path, file.raw()) for file in data])
    return {"written": [file.path for file in data]}


@router.delete(
    "/sandboxes/{sandbox_id}/files", response={204: None}, summary="Remove a file or directory"
)
def remove_file(request: HttpRequest, sandbox_id: Text, path: Path, recursive: bool = False) -> Any:
    """A directory that is not empty goes only with `recursive=1`."""
    sandbox = lifecycle.get_for(caller(request), sandbox_id)
    files.remove(sandbox, path, recursive=recursive)
    return Status(204, None)


@router.get("/sandboxes/{sandbox_id}/files/content", summary="Read a file")
def read_file(
    request: HttpRequest,
    sandbox_id: Text,
    path: Path,
    max_bytes: Annotated[int, Query(ge=1, le=LARGEST)] = LARGEST,
) -> HttpResponse:
    """Its bytes, as they are."""
    sandbox = lifecycle.get_for(caller(request), sandbox_id)
    content = files.read_file(sandbox, path, max_bytes=max_bytes)
    response = HttpResponse(content, content_type="application/octet-stream")
    # The bytes are a stranger's and this is the platform's origin: never let them render here.
    name = quote(path.rpartition("/")[2], safe="")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@router.put(
    "/sandboxes/{sandbox_id}/files/content",
    response=WrittenOut,
    summary="Write a file from the body",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            },
        }
    },
)
def write_file(request: HttpRequest, sandbox_id: Text, path: Path) -> Any:
    """The body is the file, up to 64 MiB."""
    sandbox = lifecycle.get_for(caller(request), sandbox_id)
    files.write_files(sandbox, [(path, _body(request))])
    return {"written": [path]}


@router.post("/sandboxes/{sandbox_id}/files/move", response={204: None}, summary="Move or rename")
def move_file(request: HttpRequest, sandbox_id: Text, data: MoveIn) -> Any:
    files.move(lifecycle.get_for(caller(request), sandbox_id), data.source, data.target)
    return Status(204, None)


@router.post(
    "/sandboxes/{sandbox_id}/files/directory", response={204: None}, summary="Make a directory"
)
def make_directory(request: HttpRequest, sandbox_id: Text, data: DirectoryIn) -> Any:
    files.make_directory(lifecycle.get_for(caller(request), sandbox_id), data.path)
    return Status(204, None)


def _body(request: HttpRequest) -> bytes:
    """The whole body, read in blocks so that an endless one is refused early."""
    blocks: list[bytes] = []
    size = 0
    while block := request.read(BLOCK):
        size += len(block)
        if size > LARGEST:
            raise ApiError("too_large", "The file is larger than 64 MiB.", "Write it in parts.")
        blocks.append(block)
    return b"".join(blocks)
