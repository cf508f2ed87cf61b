"""Cookies of the platform at a preview's host: for that host alone, out of every script's reach.

The app behind never gets them, nor may it set any. What they hold is worth nothing elsewhere: a
word for an entry that the platform keeps, a secret that a ticket is bound to, a mark.
"""

from __future__ import annotations

from asgiref.typing import HTTPScope, WebSocketScope

from sandboxes.preview.headers import ENTRY, OWN_COOKIES, Headers
from vibe.web.cookie_names import PREFIX, takes_secure

__all__ = ["DOOR", "ENTRY", "SEEN", "removed", "value", "written"]
_, DOOR, SEEN = OWN_COOKIES
Scope = HTTPScope | WebSocketScope


def value(scope: Scope, headers: Headers, name: bytes) -> str:
    """What the browser holds by that name; empty where it holds none, or two: one of them would be
    somebody else's."""
    wanted = _name(scope, name)
    found = [
        content
        for header, value in headers
        if header == b"cookie"
        for pair in value.split(b";")
        for given, separator, content in [pair.strip(b" \t").partition(b"=")]
        if separator and given == wanted
    ]
    return found[0].decode("latin-1") if len(found) == 1 else ""


def written(scope: Scope, name: bytes, content: str, seconds: int | None = None) -> bytes:
    """A Set-Cookie. seconds: how long it stays; None: until the browser is closed.

    A frame on a page of another site gets one for that page alone; elsewhere none goes along with
    what other sites ask for.
    """
    secure = takes_secure(scope)
    parts = [_name(scope, name) + b"=" + content.encode("ascii"), b"Path=/", b"HttpOnly"]
    if secure and _is_framed_elsewhere(scope):
        parts += [b"SameSite=None", b"Secure", b"Partitioned"]
    else:
        parts += [b"SameSite=Lax", *([b"Secure"] if secure else [])]
    if seconds is not None:
        parts.append(b"Max-Age=" + str(seconds).encode())
    return b"; ".join(parts)


def removed(scope: Scope, name: bytes) -> bytes:
    """A Set-Cookie that ends it."""
    return written(scope, name, "", 0)


def _name(scope: Scope, name: bytes) -> bytes:
    return PREFIX + name if takes_secure(scope) else name


def _is_framed_elsewhere(scope: Scope) -> bool:
    said = dict(scope["headers"])
    return (
        said.get(b"sec-fetch-site") == b"cross-site"
        and said.get(b"sec-fetch-dest", b"document") != b"document"
    )
