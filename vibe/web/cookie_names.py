"""The names by which browsers hold the platform's cookies, chosen for each request in this place.

Previews are pages of the platform's own site, so they can set cookies for all of it. What begins
with `__Host-` they cannot: browsers take that only from the very host that it goes to, with
`Secure`. Where they would refuse `Secure`, over plain HTTP with another host than this machine's,
the bare name has to do. So it has for programs that ask this machine by number: their cookie jars
keep `Secure` to themselves without TLS, and no preview can set a cookie there. A request is never
taken by both.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from asgiref.typing import (
    ASGIReceiveCallable,
    ASGISendCallable,
    ASGISendEvent,
    HTTPScope,
    WebSocketScope,
)
from django.conf import settings
from django.http.request import split_domain_port

from vibe.loopback import is_loopback
from vibe.web.application import Application
from vibe.web.browsers import is_program, is_webkit
from vibe.web.daphne_seam import Changed

PREFIX = b"__Host-"
Headers = list[tuple[bytes, bytes]]


class CookieNames:
    """ASGI middleware: what is inside sees the platform's cookies by their bare names, and of
    those that a preview may have set none."""

    def __init__(self, app: Application) -> None:
        self.app = app

    async def __call__(
        self,
        scope: HTTPScope | WebSocketScope,
        receive: ASGIReceiveCallable,
        send: ASGISendCallable,
    ) -> None:
        names = {_name(own, scope): own for own in own_names()}

        def named(event: ASGISendEvent) -> ASGISendEvent:
            if event["type"] not in ("http.response.start", "websocket.accept"):
                return event
            headers = cast(Any, event).get("headers", ())
            return cast(ASGISendEvent, {**event, "headers": outward(headers, names)})

        taken = inward(list(scope["headers"]), names)
        await self.app({**scope, "headers": taken}, receive, Changed(send, named))


def own_names() -> list[bytes]:
    """Bare names of the platform's cookies."""
    names = (
        settings.SESSION_COOKIE_NAME,
        settings.CSRF_COOKIE_NAME,
        settings.WELCOME_COOKIE_NAME,
    )
    return [name.encode() for name in names]


def takes_secure(scope: HTTPScope | WebSocketScope) -> bool:
    """Whether the browser keeps a cookie with `Secure` that it gets by this request."""
    if settings.HTTPS or scope.get("scheme") in ("https", "wss"):
        return True
    headers = dict(scope["headers"])
    host, _ = split_domain_port(headers.get(b"host", b"").decode("latin-1"))
    if not is_loopback(host) or is_webkit(headers):
        return False
    if host.endswith(".localhost") or not is_program(headers):
        return True
    return PREFIX in headers.get(b"cookie", b"")  # a jar that does send them


def inward(headers: Headers, names: dict[bytes, bytes]) -> Headers:
    """The request's headers with the platform's cookies alone, by their bare names.

    names: by what the browser calls them. Of a name that comes twice neither is taken: one of them
    is a preview's.
    """
    found: dict[bytes, list[bytes]] = {}
    for header, value in headers:
        if header == b"cookie":
            for pair in value.split(b";"):
                # Blanks of other kinds are part of the name: what strips them would take
                # "\xa0__Host-x", which anybody may set, for "__Host-x".
                name, separator, content = pair.strip(b" \t").partition(b"=")
                if separator and name in names:
                    found.setdefault(names[name], []).append(content)
    kept = [(header, value) for header, value in headers if header != b"cookie"]
    cookies = [name + b"=" + contents[0] for name, contents in found.items() if len(contents) == 1]
    return [*kept, (b"cookie", b"; ".join(cookies))] if cookies else kept


def outward(headers: Iterable[tuple[bytes, bytes]], names: dict[bytes, bytes]) -> Headers:
    """The answer's headers, with the names that the browser knows."""
    outer = {own: name for name, own in names.items()}
    return [
        (header, _outward(value, outer) if header.lower() == b"set-cookie" else value)
        for header, value in headers
    ]


def _outward(cookie: bytes, outer: dict[bytes, bytes]) -> bytes:
    own, separator, rest = cookie.partition(b"=")
    name = outer.get(own.strip(), own)
    secure = b"; Secure" if name.startswith(PREFIX) else b""
    return name + separator + rest + secure


def _name(own: bytes, scope: HTTPScope | WebSocketScope) -> bytes:
    return PREFIX + own if takes_secure(scope) else own
