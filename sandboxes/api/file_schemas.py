"""What the API says about files, and what it takes."""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import Literal

from ninja import Schema
from pydantic import Field, model_validator

from sandboxes.api.schemas import FileOut
from vibe.api.fields import JsonObject, Text

ArchiveFormat = Literal["tar", "tar.gz", "zip"]


class FileIn(JsonObject):
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


class WrittenFileOut(WrittenOut):
    version: str = Field(description="Of what was written; also in the header ETag.")


class FileStatOut(FileOut):
    version: str = Field(description="Changes whenever the content does.")
    target: str = Field(description="Where a link points; else empty.", examples=[""])


class MoveIn(JsonObject):
    source: Text = Field(min_length=1, max_length=4096, examples=["a.txt"])
    target: Text = Field(min_length=1, max_length=4096, examples=["notes/a.txt"])


class DirectoryIn(JsonObject):
    path: Text = Field(min_length=1, max_length=4096, examples=["src/pages"])


class FileChangeIn(JsonObject):
    """Give at least one: `target` moves it, `mode` sets its permission bits."""

    target: Text | None = Field(None, min_length=1, max_length=4096, examples=["notes/a.txt"])
    overwrite: bool = Field(False, description="Whether a file at the target is replaced.")
    mode: int | None = Field(None, ge=0, le=0o777, examples=[0o755])

    @model_validator(mode="after")
    def something(self) -> FileChangeIn:
        if self.target is None and self.mode is None:
            raise ValueError("give target or mode")
        return self


class MatchOut(Schema):
    path: str = Field(examples=["src/index.js"])
    line: int = Field(description="1 is the first; 0 for a name.", examples=[12])
    text: str = Field(description="The line, or the kind of what has that name.")


class MatchesOut(Schema):
    items: list[MatchOut]
    truncated: bool = Field(
        description="True when there are more than the answer holds, or when not everything was "
        "looked through: of each file the first 2 MB, nothing that is closed to the user."
    )
    files: int = Field(description="Texts that were looked at.")


class UnpackedOut(Schema):
    files: int
    bytes: int
