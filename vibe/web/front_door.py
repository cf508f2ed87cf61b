"""What every request to the platform passes before anything of it is looked at, in this order."""

from __future__ import annotations

from asgiref.typing import (
    ASGIReceiveCallable,
    ASGISendCallable,
    ASGISendEvent,
    HTTPScope,
    Scope,
)

from vibe.web.application import Application
from vibe.web.cookie_names import CookieNames
from vibe.web.daphne_seam import Changed
from vibe.web.own_address import OwnAddress
from vibe.web.own_origin import OwnPagesOnly

# A preview is a page of the same site. It neither embeds nor reads what is answered, holds no
# window of ours, and shares no process with us.
KEPT_APART = (
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"origin-agent-cluster", b"?1"),
)


class FrontDoor:
    """ASGI middleware around the platform, the hosts of previews excepted."""

    def __init__(self, app: Application) -> None:
        self._sockets = CookieNames(app)
        self._pages = OwnAddress(OwnPagesOnly(self._sockets))
        self._other = app

    async def __call__(
        self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._sockets(scope, receive, send)  # their gate compares the origins
        else:
            await self._other(scope, receive, send)

    async def _serve(
        self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        await self._pages(scope, receive, Changed(send, _kept_apart))


def _kept_apart(event: ASGISendEvent) -> ASGISendEvent:
    if event["type"] == "http.response.start":
        given = list(event["headers"])
        said = {name.lower() for name, _ in given}
        more = [header for header in KEPT_APART if header[0] not in said]
        event = {**event, "headers": [*given, *more]}
    return event
