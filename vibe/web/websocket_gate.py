"""The door of the platform's own WebSockets: same origin only, and a word for unknown paths."""

from __future__ import annotations

from typing import Any

from asgiref.typing import (
    ASGI3Application,
    ASGIReceiveCallable,
    ASGISendCallable,
    Scope,
    WebSocketScope,
)
from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.urls import URLPattern, re_path

from vibe.web import daphne_seam, own_origin

NOT_FOUND = 4404


class SameOrigin:
    """Refuses every handshake whose Origin is not the very host that it asks.

    Browsers send cookies along with WebSockets of foreign pages; Origin is what tells them apart.
    """

    def __init__(self, app: ASGI3Application) -> None:
        self.app = app

    async def __call__(
        self, scope: WebSocketScope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        if not is_same_origin(scope):
            await receive()
            await send({"type": "websocket.close", "code": 1000, "reason": None})
            return
        await _through(self.app, scope, receive, send)


class AnyOrigin:
    """Lets in whoever brings a secret in the address: programs, which send no Origin."""

    def __init__(self, app: ASGI3Application) -> None:
        self.app = app

    async def __call__(
        self, scope: WebSocketScope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        await _through(self.app, scope, receive, send)


async def _through(
    app: ASGI3Application,
    scope: WebSocketScope,
    receive: ASGIReceiveCallable,
    send: ASGISendCallable,
) -> None:
    """Let it in; what it is sent waits for it to read, so a slow one takes no memory."""
    writing = daphne_seam.frames_at_once(send, daphne_seam.any_close_code(send))
    with daphne_seam.flow_control(send, writing) as sending:
        await app(scope, receive, sending)


def is_same_origin(scope: WebSocketScope) -> bool:
    if not own_origin.has_own_origin(scope):
        return False
    host = dict(scope["headers"])[b"host"].decode("latin-1").lower()
    domain, _ = split_domain_port(host)
    return validate_host(domain, settings.ALLOWED_HOSTS)


def socket_route(pattern: str, application: Any) -> URLPattern:
    """A route of a URLRouter, which calls an ASGI application where Django's take a view."""
    return re_path(pattern, application)


async def not_found(_scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Accept and close with 4404: a code reaches the page only after the handshake."""
    await receive()
    await send({"type": "websocket.accept", "subprotocol": None, "headers": []})
    await send({"type": "websocket.close", "code": NOT_FOUND, "reason": "No such path."})
