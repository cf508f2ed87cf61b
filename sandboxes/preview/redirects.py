"""Addresses in a server's headers: what it calls localhost is its sandbox, never the browser's."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from sandboxes.engine.ports import is_usable
from sandboxes.preview import host
from sandboxes.preview.host import Site

# By these names a server reaches itself, and so does whatever runs beside it.
OWN_NAMES = {"localhost", "127.0.0.1", "0.0.0.0", "::1", "::"}  # noqa: S104 - nothing binds here
# Ports that an address need not name; servers that know only their host leave theirs out.
UNNAMED = {None, 80, 443}
WEB = ("", "http", "https")
SOCKETS = ("ws", "wss")
ADDRESSES = {
    b"location",
    b"content-location",
    b"sourcemap",
    b"x-sourcemap",
    b"hx-location",
    b"hx-push-url",
    b"hx-redirect",
    b"hx-replace-url",
}
ORIGINS = {b"access-control-allow-origin", b"timing-allow-origin"}
POLICIES = {b"content-security-policy", b"content-security-policy-report-only"}
_REFRESH = re.compile(rb"(\s*[0-9.]*\s*[;,]\s*(?:url\s*=\s*)?)(['\"]?)([^'\"]*)(['\"]?\s*)", re.I)
_LINK = re.compile(rb"(<)([^<>]*)(>)")
_WORD = re.compile(rb"[^\s,;]+")
_ANY_PORT = re.compile(rb":\*(?=/|$)")


def to_browser(name: bytes, value: bytes, site: Site) -> bytes:
    """The value of a response header as the browser can follow it."""
    if name in ADDRESSES:
        return _translated(value, site)
    if name == b"refresh" and (found := _REFRESH.fullmatch(value)):
        return found[1] + found[2] + _translated(found[3], site) + found[4]
    if name == b"link":
        return _LINK.sub(lambda link: b"<" + _translated(link[2], site) + b">", value)
    if name in ORIGINS:
        return _WORD.sub(lambda word: _translated(word[0], site, empty=""), value)
    if name in POLICIES:
        return _WORD.sub(lambda word: _source(word[0], site), value)
    return value


def stays(value: bytes, site: Site) -> bool:
    """Whether an address, as the browser gets it, surely leads to the same sandbox."""
    text = value.decode("latin-1").strip(" ")
    if not text or "\\" in text or min(text) <= " ":
        return False  # browsers and we may read that differently
    try:
        address = urlsplit(text)
        if not address.scheme and not address.netloc:
            return not text.startswith("//")
    except ValueError:
        return False
    name, _, domain = address.netloc.lower().partition(".")
    own = domain == site.host.lower().partition(".")[2]
    return address.scheme in WEB and own and name.endswith(f"-{site.target.sandbox_id}")


def _translated(
    value: bytes, site: Site, *, empty: str = "/", schemes: tuple[str, ...] = WEB
) -> bytes:
    """An address as the browser reaches it. empty: the path of one that has none."""
    try:
        address = urlsplit(value.decode("latin-1").strip())
        port = _port(address, site) if address.scheme in schemes else None
    except (ValueError, host.BadHost):
        return value
    if port is None:
        return value
    rest = SplitResult("", "", address.path or empty, address.query, address.fragment).geturl()
    return (site.address(port) + rest).encode("latin-1")


def _source(word: bytes, site: Site) -> bytes:
    """A source of a policy, which may name no scheme, any port, or sockets."""
    given = _ANY_PORT.sub(f":{site.target.port}".encode(), word)
    if b"://" not in given:
        translated = _translated(b"//" + given, site, empty="")
        return word if translated == b"//" + given else translated.partition(b"://")[2]
    translated = _translated(given, site, empty="", schemes=(*WEB, *SOCKETS))
    if translated == given:
        return word
    return translated.replace(b"http", b"ws", 1) if given[:2].lower() == b"ws" else translated


def _port(address: SplitResult, site: Site) -> int | None:
    """The port of the sandbox that an address means; None when it leads elsewhere."""
    name = (address.hostname or "").rstrip(".")
    if name not in OWN_NAMES:
        return _downgraded(address, site)
    if address.port in UNNAMED:
        return site.target.port
    return address.port if address.port is not None and is_usable(address.port) else None


def _downgraded(address: SplitResult, site: Site) -> int | None:
    """The port of a preview's own address that says http where the browser has https: a server
    that is told the outer host seldom knows of the TLS before it."""
    if (address.scheme, site.scheme) != ("http", "https"):
        return None
    found = host.parse(address.netloc)
    same = found is not None and found.sandbox_id == site.target.sandbox_id
    return found.port if found is not None and same else None
