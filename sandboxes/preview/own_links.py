"""Links in the pages of a server that knows itself as localhost.

Frameworks make whole addresses from Host (`url_for` of Starlette and Flask, `build_absolute_uri` of
Django), and where Host was translated on its way in, links have to be translated on their way out:
what attributes of a page hold, and nothing else that it says.
"""

from __future__ import annotations

import re

from sandboxes.engine.ports import is_usable
from sandboxes.preview.headers import Headers
from sandboxes.preview.inside import Inside

PAGES = {b"text/html", b"application/xhtml+xml"}
# What browsers get with scripts, images and the like may come compressed.
PLAIN_FOR = {b"document", b"iframe", b"frame", b"empty", b""}
_OWN = re.compile(rb"(=[\"']?)(http|ws)s?://localhost:([0-9]{4,5})(?![0-9])")
_BEGINNINGS = tuple(
    quote + scheme + b"//localhost:"
    for quote in (b"=", b'="', b"='")
    for scheme in (b"http:", b"https:", b"ws:", b"wss:")
)
_DIGITS = 5
_LONGEST = max(map(len, _BEGINNINGS)) + _DIGITS


def asked_plain(headers: Headers, inside: Inside) -> Headers:
    """The request's headers; what is to be read on its way back is asked for uncompressed."""
    if not inside.is_renamed:
        return headers
    purpose = next((v.strip().lower() for n, v in headers if n == b"sec-fetch-dest"), b"")
    if purpose not in PLAIN_FOR:
        return headers
    return [(name, value) for name, value in headers if name != b"accept-encoding"]


class OwnLinks:
    """Translates one page, piece by piece; what may be the beginning of an address waits."""

    def __init__(self, inside: Inside) -> None:
        self._site = inside.site
        self._held = b""

    @classmethod
    def of(cls, inside: Inside, status: int, headers: Headers) -> OwnLinks | None:
        """For an answer that is a page; None for every other."""
        said = {name.lower(): value for name, value in headers}
        kind = said.get(b"content-type", b"").partition(b";")[0].strip().lower()
        whole = status not in (204, 206, 304) and b"content-encoding" not in said
        return cls(inside) if inside.is_renamed and kind in PAGES and whole else None

    def feed(self, piece: bytes) -> bytes:
        data = self._held + piece
        ready = len(data) - _beginning(data)
        self._held = data[ready:]
        return self._translated(data[:ready])

    def end(self) -> bytes:
        held, self._held = self._held, b""
        return self._translated(held)

    def _translated(self, data: bytes) -> bytes:
        return _OWN.sub(self._outer, data) if b"localhost:" in data else data

    def _outer(self, found: re.Match[bytes]) -> bytes:
        port = int(found[3])
        if not is_usable(port):
            return found[0]
        scheme, _, host = self._site.address(port).partition("://")
        secure = b"s" if scheme == "https" else b""
        return found[1] + found[2] + secure + b"://" + host.encode("latin-1")


def _beginning(data: bytes) -> int:
    """Bytes at the end that may be the beginning of an address, whose rest comes next."""
    tail = data[-_LONGEST:]
    for at, byte in enumerate(tail):
        if byte == ord("=") and _may_go_on(tail[at:]):
            return len(tail) - at
    return 0


def _may_go_on(word: bytes) -> bool:
    for beginning in _BEGINNINGS:
        if beginning.startswith(word):
            return True
        digits = word[len(beginning) :]
        if word.startswith(beginning) and (not digits or digits.isdigit()):
            return len(digits) <= _DIGITS
    return False
