"""The beginning of a page: where a script comes before all else, and in which charset it reads.

Bytes are only looked at. Where the beginning is not such that the place is sure, there is none.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

# More than any doctype, comment and tag before the first element.
LONGEST = 16 * 1024
SNIFFED = 1024  # bytes in which browsers look for a charset (HTML §13.2.3.2)
BOM = b"\xef\xbb\xbf"
# Of these the bytes of a tag are not its letters.
WIDE = (b"\xfe\xff", b"\xff\xfe")
# Comments, the doctype, and the tags that are there even if nobody writes them.
_SPACE = re.compile(rb"[\x09\x0a\x0c\x0d ]*")
_COMMENT = re.compile(rb"<!--(?:-?>|.*?--!?>)", re.DOTALL)
_DECLARED = re.compile(rb"<(?:!(?!--)|\?)[^>]*>")
_TAG = re.compile(rb"<(html|head)(?=[\s/>])(?:[^>\"']|\"[^\"]*\"|'[^']*')*>", re.IGNORECASE)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_META = re.compile(rb"<meta\s(?:[^>\"']|\"[^\"]*\"|'[^']*')*>", re.IGNORECASE)
_BEGINNINGS = (b"<html", b"<head")
_UNFINISHED = re.compile(rb"<(?:[!?]|(?:html|head)[\s/])", re.IGNORECASE)


@dataclass(frozen=True)
class Opening:
    """held: what has been read. place: where in it a script may stand; -1 for nowhere.
    following: what has not been read yet."""

    held: bytes
    place: int
    following: AsyncIterator[bytes]

    async def rest(self) -> AsyncIterator[bytes]:
        """The whole body as it came."""
        if self.held:
            yield self.held
        async for piece in self.following:
            yield piece

    def content_type(self, said: bytes) -> bytes:
        """The page's Content-Type, which names its charset where only an element of it did that the
        script moves out of the browser's sight."""
        if _CHARSET.search(said) or self.held.startswith(BOM):
            return said
        beginning = _COMMENT.sub(b"", self.held[:SNIFFED])
        for meta in _META.finditer(beginning):
            if found := _CHARSET.search(meta[0]):
                # A page whose element can be read in bytes is not in UTF-16, whatever it says.
                named = b"utf-8" if found[1].lower().startswith(b"utf-16") else found[1]
                return said.partition(b";")[0].rstrip() + b"; charset=" + named
        return said


async def read(stream: AsyncIterator[bytes]) -> Opening:
    """Read of a page what is needed to know the place."""
    following = stream.__aiter__()
    held = b""
    place: int | None = None
    while place is None:
        piece = await anext(following, None)
        held += piece or b""
        place = _place(held, ended=piece is None)
        if place is None and (piece is None or len(held) > LONGEST):
            place = -1
    return Opening(held, place, following)


def _place(held: bytes, *, ended: bool) -> int | None:
    """Where a script may stand, -1 for nowhere, None where more has to be read."""
    if held[:2] in WIDE or b"\0" in held[:64]:
        return -1
    if BOM.startswith(held) and not ended:
        return None
    at = len(BOM) if held.startswith(BOM) else 0
    while True:
        after = _end(_SPACE, held, at)
        found = _COMMENT.match(held, after) or _DECLARED.match(held, after)
        tag = None if found else _TAG.match(held, after)
        if found:
            at = found.end()
        elif tag and tag[1].lower() == b"head":
            return tag.end()
        elif tag:
            at = tag.end()
        else:
            return None if not ended and _may_go_on(held[after:]) else after


def _end(pattern: re.Pattern[bytes], held: bytes, at: int) -> int:
    found = pattern.match(held, at)
    return found.end() if found else at


def _may_go_on(tail: bytes) -> bool:
    """Whether what comes next may make a comment, a doctype or a tag of this."""
    lower = tail.lower()
    begun = any(one.startswith(lower) for one in _BEGINNINGS)
    return begun or _UNFINISHED.match(lower) is not None
