"""Requests as an ASGI server tells of them."""

from __future__ import annotations

from typing import Any

HOST = "app.vibe.localhost:8000"
TAB = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Accept": "text/html"}


def scope(
    method: str = "GET", path: str = "/", host: str = HOST, *, query: str = "", **headers: str
) -> Any:
    """`headers` are named as in Python: sec_fetch_site."""
    given = [(b"host", host.encode())]
    for name, value in headers.items():
        given.append((name.lower().replace("_", "-").encode(), value.encode("utf-8")))
    return {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "scheme": "http",
        "headers": given,
    }
