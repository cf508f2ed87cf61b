"""What stands behind the `send` of an ASGI application under Daphne."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from asgiref.typing import ASGISendCallable, ASGISendEvent
from daphne.http_protocol import WebRequest
from daphne.ws_protocol import WebSocketProtocol


class Changed:
    """A `send` that changes events on their way to another one, which stays in sight."""

    def __init__(
        self, send: ASGISendCallable, change: Callable[[ASGISendEvent], ASGISendEvent]
    ) -> None:
        self.behind = send
        self._change = change

    async def __call__(self, event: ASGISendEvent) -> None:
        await self.behind(self._change(event))


def protocol_of(send: object) -> Any:
    """The Twisted protocol behind `send`, or None under another server."""
    while isinstance(send, Changed):
        send = send.behind
    if isinstance(send, partial) and send.args:
        protocol = send.args[0]
        if isinstance(protocol, WebRequest | WebSocketProtocol):
            return protocol
    return None
