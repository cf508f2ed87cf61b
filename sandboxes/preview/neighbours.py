"""Requests of another sandbox's page, which browsers take for one of the same site.

All previews share a site, so cookies with SameSite come along. Here each sandbox is a site of its
own: what a foreign page asks for arrives without cookies, as it would from another site.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings

from sandboxes.preview.headers import Headers
from sandboxes.preview.host import BadHost, Target, parse
from vibe.addresses import host_of


def without_foreign_cookies(headers: Headers, target: Target) -> Headers:
    """The request's headers, without cookies if a page of another sandbox is behind it."""
    dropped = {b"cookie"} if _is_foreign(dict(headers), target) else set()
    # The workbench says with its frame where that stands, for the decision above alone.
    if _is_platform(dict(headers).get(b"referer", b"")):
        dropped.add(b"referer")
    return [(name, value) for name, value in headers if name not in dropped]


def _is_foreign(headers: dict[bytes, bytes], target: Target) -> bool:
    site = headers.get(b"sec-fetch-site", b"")
    if site not in (b"", b"same-site"):
        return False  # its own page, a person, or another site, which SameSite speaks of
    if origin := headers.get(b"origin"):
        # "null" is what previews' forms say elsewhere, by the referrer policy that they are given.
        return origin == b"null" or _sandbox_of(origin) not in ("", target.sandbox_id)
    if not site or headers.get(b"sec-fetch-dest") == b"document":
        return False  # opened in a tab, as Lax allows
    asked_by = headers.get(b"referer", b"")
    return not _is_platform(asked_by) and _sandbox_of(asked_by) != target.sandbox_id


def _sandbox_of(url: bytes) -> str:
    """The sandbox whose page is there; empty for every other page."""
    try:
        found = parse(urlsplit(url.decode("latin-1")).netloc)
    except (BadHost, ValueError):
        return ""
    return found.sandbox_id if found else ""


def _is_platform(url: bytes) -> bool:
    try:
        return host_of(url.decode("latin-1")) == settings.PUBLIC_HOST
    except ValueError:
        return False
