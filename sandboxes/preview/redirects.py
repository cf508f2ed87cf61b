"""Redirects of a server to itself: what it calls localhost is its sandbox, never the browser's."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from sandboxes.engine.ports import is_usable
from sandboxes.preview.host import Site

# By these names a server reaches itself, and so does whatever runs beside it.
OWN_NAMES = {"localhost", "127.0.0.1", "0.0.0.0", "::1", "::"}  # noqa: S104 - nothing binds here
# Ports that an address need not name; servers that know only their host leave theirs out.
UNNAMED = {None, 80, 443}
_REFRESH = re.compile(rb"(\s*[0-9.]*\s*[;,]\s*(?:url\s*=\s*)?)(['\"]?)([^'\"]*)(['\"]?\s*)", re.I)


def to_browser(name: bytes, value: bytes, site: Site) -> bytes:
    """The value of a response header as the browser can follow it."""
    if name in (b"location", b"content-location"):
        return _translated(value, site)
    if name == b"refresh" and (found := _REFRESH.fullmatch(value)):
        return found[1] + found[2] + _translated(found[3], site) + found[4]
    return value


def _translated(value: bytes, site: Site) -> bytes:
    try:
        address = urlsplit(value.decode("latin-1").strip())
        port = _port(address, site)
    except ValueError:
        return value
    if port is None:
        return value
    rest = SplitResult("", "", address.path or "/", address.query, address.fragment).geturl()
    return (site.address(port) + rest).encode("latin-1")


def _port(address: SplitResult, site: Site) -> int | None:
    """The port of the sandbox that an address means; None when it leads elsewhere."""
    name = (address.hostname or "").rstrip(".")
    if address.scheme not in ("", "http", "https") or name not in OWN_NAMES:
        return None
    if address.port in UNNAMED:
        return site.target.port
    return address.port if address.port is not None and is_usable(address.port) else None
