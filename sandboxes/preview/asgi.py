"""The outermost layer: a preview's host never reaches Django, any other never the proxy.

Nobody gets further than here who may not enter. What is open to a sandbox ends with the right to
it: when whoever is in is signed out or shut out, when the sandbox is deleted or given away, or its
owner switched off, whatever its processes do.
"""

from __future__ import annotations

from typing import cast

from asgiref.typing import (
    ASGI3Application,
    ASGIReceiveCallable,
    ASGISendCallable,
    ASGISendEvent,
    HTTPScope,
    Scope,
    WebSocketScope,
)

from sandboxes.preview import (
    access,
    beside,
    door,
    entry,
    first_visit,
    host,
    neighbours,
    proxy,
    reason_page,
    reasons,
    request,
    waking,
    websocket,
)
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
            return await reason_page.send_page(reasons.BAD_HOST, headers, send)
        if target is None:
            return await self.app(scope, receive, send)
        if scope["type"] == "http" and beside.is_asked(scope):
            return await beside.send_page(send)
        known = await access.look_up(target.sandbox_id)
        if known is None:
            return await _refuse(scope, receive, send, target, reasons.UNKNOWN)
        if scope["type"] == "http" and door.is_asked(scope):
            return await door.serve(scope, send, known, target)
        taken = neighbours.without_foreign_cookies(headers, target)
        match await entry.decide(scope, taken, known, target):
            case entry.Allow() as allowed:
                resting = await waking.asked(scope, known, allowed.is_owner)
                if resting is None:
                    return await _serve(scope, receive, send, target, allowed)
                is_owner = allowed.is_owner
                await waking.serve(cast(HTTPScope, scope), send, resting, target, is_owner)
            case entry.Refuse(reason):
                await _refuse(scope, receive, send, target, reason)
            case entry.Exchange():
                await door.ask_the_platform(cast(HTTPScope, scope), send, target)
            case entry.Warn():
                await first_visit.send_page(cast(HTTPScope, scope), send, known, target)
        return None


async def _serve(
    scope: HTTPScope | WebSocketScope,
    receive: ASGIReceiveCallable,
    send: ASGISendCallable,
    target: host.Target,
    allowed: entry.Allow,
) -> None:
    scope = cast(HTTPScope | WebSocketScope, {**scope, "headers": allowed.headers})
    if not allowed.is_shared:
        send = daphne_seam.Changed(send, _for_one_alone)
    try:
        async with while_held(*allowed.held):
            if scope["type"] == "websocket":
                return await websocket.serve(scope, receive, send, target)
            return await proxy.serve(scope, receive, send, target)
    except RightLost as lost:
        if scope["type"] == "websocket":
            return await websocket.end(send, lost.loss)
        if not daphne_seam.cut(send, at_once=True):
            raise


def _for_one_alone(event: ASGISendEvent) -> ASGISendEvent:
    """No cache on the way keeps it for others; the browser's own does as the app says."""
    if event["type"] != "http.response.start":
        return event
    return {**event, "headers": [*event["headers"], (b"cache-control", b"private")]}


async def _refuse(
    scope: HTTPScope | WebSocketScope,
    receive: ASGIReceiveCallable,
    send: ASGISendCallable,
    target: host.Target,
    reason: reasons.Reason,
) -> None:
    if scope["type"] == "websocket":
        await receive()
        await websocket.refuse(send, reason.title, reason.status)
        return
    headers, scheme = list(scope["headers"]), request.scheme(scope)
    await reason_page.send_page(reason, headers, send, target=target, scheme=scheme)
