"""Which answers are pages, and their text where it comes compressed unasked."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator

from sandboxes.preview.headers import Headers

PIECE = 64 * 1024
GZIP = {b"gzip", b"x-gzip"}
PLAIN = {b"", b"identity"}
WITHOUT_BODY = {204, 205, 206, 304}


def is_page(status: int, headers: Headers) -> bool:
    """Whether the answer is HTML that a browser shows, in a form that can be read here."""
    said: dict[bytes, bytes] = {}
    for name, value in headers:
        lower = name.lower()
        if lower in said and lower in (b"content-type", b"content-encoding", b"content-length"):
            return False  # who knows which of them holds
        said[lower] = value
    kind = said.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if status < 200 or status in WITHOUT_BODY or kind != b"text/html":
        return False
    if said.get(b"content-disposition", b"").strip().lower().startswith(b"attachment"):
        return False
    if b"no-transform" in said.get(b"cache-control", b"").lower():
        return False
    return said.get(b"content-encoding", b"").strip().lower() in GZIP | PLAIN


def is_compressed(headers: Headers) -> bool:
    return any(n.lower() == b"content-encoding" and v.strip().lower() in GZIP for n, v in headers)


async def inflated(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The text of a body in gzip, in pieces of bounded size however much they swell."""
    inflating = zlib.decompressobj(zlib.MAX_WBITS | 16)
    async for piece in stream:
        while piece:
            yield inflating.decompress(piece, PIECE)
            piece = inflating.unconsumed_tail
            if inflating.eof and inflating.unused_data:
                piece = inflating.unused_data
                inflating = zlib.decompressobj(zlib.MAX_WBITS | 16)
    yield inflating.flush()
