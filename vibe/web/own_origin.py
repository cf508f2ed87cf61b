"""Whether a request comes from a page of the platform, from a program, or from a foreign page.

Previews are foreign pages of the platform's own site: browsers send its cookies along with whatever
they ask for, SameSite or not. So nobody is let in by a cookie alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import urlsplit

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope, WebSocketScope
from django.conf import settings

from vibe.loopback import is_loopback
from vibe.web.application import Application

TITLE = "This was asked for by a page of another origin."
HINT = "Pages other than the platform's own reach it with an API key only. Open it in a tab."
OWN = (b"same-origin", b"none")
# Where a preview leads a browser that it does not know, and from where that is led back.
PREVIEW_ENTRY = "/previews/enter/"


class OwnPagesOnly:
    """ASGI middleware for HTTP: refuses what a foreign page asks for, but for opening a page in a
    tab. Who shows a key may be anywhere; he is not let in by a cookie then."""

    def __init__(self, app: Application) -> None:
        self.app = app

    async def __call__(
        self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        if not is_foreign(scope):
            await self.app(scope, receive, send)
        elif _shows_a_key(scope):
            given = [(name, value) for name, value in scope["headers"] if name != b"cookie"]
            await self.app({**scope, "headers": given}, receive, send)
        else:
            await _refuse(scope, send)


async def _refuse(scope: HTTPScope, send: ASGISendCallable) -> None:
    as_json = scope["path"].startswith(("/api/", "/vercel/"))
    error = {"code": "denied", "message": TITLE, "hint": HINT}
    body = json.dumps({"error": error}) if as_json else f"{TITLE}\n{HINT}\n"
    kind = b"application/json" if as_json else b"text/plain; charset=utf-8"
    await send(
        {
            "type": "http.response.start",
            "status": 403,
            "headers": [
                (b"content-type", kind),
                (b"content-length", str(len(body)).encode()),
                (b"cache-control", b"private, no-store"),
                (b"x-content-type-options", b"nosniff"),
                (b"x-frame-options", b"DENY"),
                (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
            ],
            "trailers": False,
        }
    )
    await send({"type": "http.response.body", "body": body.encode(), "more_body": False})


def is_foreign(scope: HTTPScope) -> bool:
    """Whether a page of another origin is behind the request, as far as the browser tells."""
    headers = dict(scope["headers"])
    if not _origin_fits(scope):
        return True
    # Older browsers, and all of them over plain HTTP to another machine, do not say it.
    site = headers.get(b"sec-fetch-site", b"none")
    opened = _opens_a_tab(scope["method"], headers) or _leads_through(scope, headers)
    return site not in OWN and not opened


def _shows_a_key(scope: HTTPScope) -> bool:
    # Not any Authorization: "http://user:password@host/" in a page makes browsers send one.
    return any(value[:7].lower() == b"bearer " for value in _values(scope, b"authorization"))


def has_own_origin(scope: WebSocketScope) -> bool:
    """Whether Origin names the very host that is asked, or the platform's own address."""
    return len(_values(scope, b"origin")) == 1 and _origin_fits(scope)


def _origin_fits(scope: HTTPScope | WebSocketScope) -> bool:
    hosts, origins = _values(scope, b"host"), _values(scope, b"origin")
    if not origins:
        return True
    if len(hosts) != 1 or len(origins) != 1:
        return False
    try:
        origin = urlsplit(origins[0].decode("latin-1").lower())
    except ValueError:
        return False
    # Where the platform has TLS, who is on the way could be whatever page calls itself by its name
    # without.
    plain = origin.scheme == "http" and (not settings.HTTPS or is_loopback(origin.hostname or ""))
    return (plain or origin.scheme == "https") and origin.netloc in _own(hosts[0])


def _own(host: bytes) -> tuple[str, str]:
    """The platform's names, with the port. A proxy in front may have changed the host, and leaves
    the origin as it is."""
    return host.decode("latin-1").lower(), urlsplit(settings.PUBLIC_URL).netloc.lower()


def _values(scope: HTTPScope | WebSocketScope, name: bytes) -> list[bytes]:
    return [value for given, value in scope["headers"] if given == name]


def is_framed(headers: Mapping[bytes, bytes]) -> bool:
    """Whether a page is opened in a frame."""
    return headers.get(b"sec-fetch-dest") in (b"iframe", b"frame")


def _leads_through(scope: HTTPScope, headers: dict[bytes, bytes]) -> bool:
    """Whether a preview's frame on one of our own pages is led through here. The address of the
    page that has the frame stays in Referer from one redirect to the next; none can be made up."""
    if scope["path"] != PREVIEW_ENTRY or scope["method"] != "GET":
        return False
    if not is_framed(headers) or headers.get(b"sec-fetch-mode") != b"navigate":
        return False
    try:
        page = urlsplit(headers.get(b"referer", b"").decode("latin-1").lower())
    except ValueError:
        return False
    return page.netloc in _own(headers.get(b"host", b""))


def _opens_a_tab(method: str, headers: dict[bytes, bytes]) -> bool:
    return (
        method in ("GET", "HEAD")
        and headers.get(b"sec-fetch-mode") == b"navigate"
        and headers.get(b"sec-fetch-dest") == b"document"
    )
