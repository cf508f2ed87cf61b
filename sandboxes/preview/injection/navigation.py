"""Which requests are for a page that a browser shows (Fetch Metadata Request Headers, W3C)."""

from __future__ import annotations

from sandboxes.preview.headers import Headers

SHOWN = {b"document", b"iframe", b"frame"}
METHODS = {"GET", "POST"}


def is_one(method: str, headers: Headers) -> bool:
    """Whether a browser asks in order to show the answer, as a page or in a frame."""
    said = {name.lower(): value.strip() for name, value in headers}
    if method not in METHODS or b"range" in said:
        return False  # the latter is the rest of a download
    if b"prefetch" in said.get(b"sec-purpose", b"").lower():
        return False
    purpose = said.get(b"sec-fetch-dest")
    if purpose is not None:
        return purpose.lower() in SHOWN and said.get(b"sec-fetch-mode", b"navigate") == b"navigate"
    # Over plain HTTP browsers do not say; this they say of pages alone.
    accepts = said.get(b"accept", b"").lower()
    return said.get(b"upgrade-insecure-requests") == b"1" and accepts.startswith(b"text/html")
