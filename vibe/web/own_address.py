"""Browsers that open the platform at "localhost" are led to the name that it has there.

At `127.0.0.1` or `localhost` previews are of another site, and browsers give a frame of another
site neither storage nor cookies. Programs are answered by whatever name they ask.
"""

from __future__ import annotations

import re

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
from django.conf import settings

from vibe.addresses import LOCAL_SITE, host_of
from vibe.loopback import is_loopback
from vibe.web.application import Application
from vibe.web.browsers import is_webkit

FOR_PROGRAMS = ("/api/v1/", "/vercel/", "/healthz", "/readyz", "/metrics")
_PORT = re.compile(r":[0-9]{1,5}")
_OLD_PREVIEW = re.compile(r"([0-9]{4,5}-[a-z0-9]{20})\.localhost(:[0-9]{1,5})?", re.IGNORECASE)


class OwnAddress:
    """ASGI middleware for HTTP: redirects to where the platform and its previews are at home."""

    def __init__(self, app: Application) -> None:
        self.app = app

    async def __call__(
        self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        place = elsewhere(scope)
        if place is None:
            await self.app(scope, receive, send)
            return
        headers = [
            (b"location", place),
            (b"cache-control", b"no-store"),
            (b"content-length", b"0"),
            (b"referrer-policy", b"same-origin"),
        ]
        await send(
            {"type": "http.response.start", "status": 307, "headers": headers, "trailers": False}
        )
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def elsewhere(scope: HTTPScope) -> bytes | None:
    """Where the request should go instead; None when it is right here."""
    headers = dict(scope["headers"])
    host = headers.get(b"host", b"").decode("latin-1")
    query = scope["query_string"]
    target = scope.get("raw_path", b"") + (b"?" + query if query else b"")
    if not target.startswith(b"/"):
        return None
    # Where previews were before they shared a site with the platform.
    old = _OLD_PREVIEW.fullmatch(host)
    if old and settings.PREVIEW_DOMAIN == LOCAL_SITE:
        return f"http://{old[1]}.{LOCAL_SITE}{old[2] or ''}".lower().encode() + target
    if not settings.PUBLIC_HOST.endswith(".localhost") or not _is_browser(scope, headers):
        return None
    try:
        name = host_of(f"//{host}")
    except ValueError:
        return None
    if name == settings.PUBLIC_HOST or not is_loopback(name):
        return None
    # The port that the browser asked is not ours where a tunnel leads here.
    port = _PORT.search(host.rpartition("]")[2])
    return f"http://{settings.PUBLIC_HOST}{port[0] if port else ''}".encode() + target


def _is_browser(scope: HTTPScope, headers: dict[bytes, bytes]) -> bool:
    """Whether a page is being opened, in a tab, by a browser that is sure to find the name."""
    return (
        not is_webkit(headers)
        and scope["method"] == "GET"
        and b"authorization" not in headers
        and not scope["path"].startswith(FOR_PROGRAMS)
        and headers.get(b"sec-fetch-mode", b"navigate") == b"navigate"
        and headers.get(b"sec-fetch-dest", b"document") == b"document"
        and b"text/html" in headers.get(b"accept", b"").lower()
    )
