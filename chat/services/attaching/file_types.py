"""What a file is, by its content: its name and what its sender says of it prove nothing."""

from __future__ import annotations

import codecs
import re

BINARY, TEXT, PDF = "application/octet-stream", "text/plain", "application/pdf"
# (where, what stands there): of formats that something here treats in a way of its own.
_MARKS: tuple[tuple[str, int, bytes], ...] = (
    ("image/png", 0, b"\x89PNG\r\n\x1a\n"),
    ("image/jpeg", 0, b"\xff\xd8\xff"),
    ("image/gif", 0, b"GIF87a"),
    ("image/gif", 0, b"GIF89a"),
    ("image/webp", 8, b"WEBP"),
    (PDF, 0, b"%PDF-"),
    ("application/zip", 0, b"PK\x03\x04"),
    ("application/gzip", 0, b"\x1f\x8b"),
)
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Of text in an old encoding, as spreadsheets export it, no byte is one of these.
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


class Sniffer:
    """Looks at a content while it passes, block by block, and keeps none of it."""

    def __init__(self) -> None:
        self._head = b""
        self._utf8: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
        self._controls = False

    def feed(self, block: bytes) -> None:
        if len(self._head) < 16:
            self._head += block[:16]
        self._controls = self._controls or bool(_CONTROLS.search(block))
        if self._utf8 is not None:
            try:
                self._utf8.decode(block)
            except UnicodeDecodeError:
                self._utf8 = None

    def media_type(self) -> str:
        """Of all that has passed; to be asked at the end."""
        for name, at, mark in _MARKS:
            if self._head[at : at + len(mark)] == mark and (at == 0 or self._head[:4] == b"RIFF"):
                return name
        if self._head.startswith(_WIDE):
            return TEXT
        return BINARY if self._controls else TEXT


def text(content: bytes) -> str:
    """A piece of a text file from its beginning, whichever encoding it is in."""
    if content.startswith(_WIDE):
        return content.decode("utf-16", "ignore")
    try:
        return codecs.getincrementaldecoder("utf-8-sig")().decode(content)
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
