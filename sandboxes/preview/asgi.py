"""The outermost layer: a preview's host never reaches Django, any other never the proxy.

What is open to a sandbox ends when that is deleted or given away, or its owner is switched off,
whatever its processes do.
"""

from __future__ import annotations

from typing import cast

from asgiref.typing import (
    ASGI3Application,
    ASGIReceiveCallable,
    ASGISendCallable,
    HTTPScope,
    Scope,
    WebSocketScope,
)

from sandboxes.preview import access, beside, host, neighbours, proxy, reasons, websocket
from vibe.accounts.right_guard import while_held
from vibe.accounts.services.rights import RightLost
from vibe.web import daphne_seam


class PreviewApplication:
    """ASGI middleware: serves the hosts of previews itself, passes all others to `app`."""

    def __init__(self, app: ASGI3Application) -> None:
        self.app = app

    async def __call__(
        self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        headers = list(scope["headers"])
        try:
            target = host.parse_headers(headers)
        except host.BadHost:
            if scope["type"] == "websocket":
                await receive()
                return await websocket.refuse(send, reasons.BAD_HOST.title)
            return await reasons.send_page(reasons.BAD_HOST, headers, send)
        if target is None:
            return await self.app(scope, receive, send)
        if scope["type"] == "http" and beside.is_asked(scope):
            return await beside.send_page(send)
        taken = neighbours.without_foreign_cookies(headers, target)
        scope = cast(HTTPScope | WebSocketScope, {**scope, "headers": taken})
        try:
            async with while_held(*await access.held(target.sandbox_id)):
                if scope["type"] == "websocket":
                    return await websocket.serve(scope, receive, send, target)
                return await proxy.serve(scope, receive, send, target)
        except RightLost as lost:
            if scope["type"] == "websocket":
                return await websocket.end(send, lost.loss)
            if not daphne_seam.cut(send, at_once=True):
                raise
