"""Headers on their way through the proxy."""

from __future__ import annotations

import h11

from .origin import Origin
from .policy import Rule

HOP = frozenset({
    b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization",
    b"proxy-connection", b"te", b"trailer", b"upgrade",
})  # fmt: skip
Headers = list[tuple[bytes, bytes]]


def changes(rules: list[Rule]) -> dict[bytes, bytes]:
    """The headers that the rules set."""
    return {
        name.lower().encode(): value.encode()
        for rule in rules
        for transform in rule.transform
        for name, value in transform.headers.items()
    }


def forwarded(request: h11.Request, origin: Origin, changed: dict[bytes, bytes]) -> Headers:
    """End-to-end headers; Host is where it goes, whatever the program has said."""
    upgrade = any(
        name == b"upgrade" and value.lower() == b"websocket" for name, value in request.headers
    )
    headers = end_to_end(request.headers, keep_upgrade=upgrade)
    kept = [(name, value) for name, value in headers if name != b"host" and name not in changed]
    return [(b"host", origin.authority.encode()), *kept, *changed.items()]


def end_to_end(headers: h11._headers.Headers | Headers, keep_upgrade: bool = False) -> Headers:
    """Those that are not about the connection to the proxy alone."""
    named = {
        word.strip().lower()
        for name, value in headers
        if name == b"connection"
        for word in value.split(b",")
    }
    dropped = (HOP | named) - {b"content-length", b"transfer-encoding", b"host"}
    kept = [(name, value) for name, value in headers if name not in dropped]
    if keep_upgrade:
        kept += [(name, value) for name, value in headers if name == b"upgrade"]
        kept.append((b"connection", b"upgrade"))
    return kept
