"""What ASGI messages cannot tell Daphne; all knowledge of its inside is in this room.

Daphne (4.2) buffers without bound what a slow client does not read, cannot cut a response short,
and lets Autobahn refuse the close codes 1001–1014. Its `send` is a partial over the Twisted
protocol, which can do all three. Under another ASGI server nothing here does anything: those
wait in `send`, cut the response when the application raises, and take every close code.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from functools import partial
from typing import Any

from asgiref.typing import (
    ASGI3Application,
    ASGIReceiveCallable,
    ASGISendCallable,
    ASGISendEvent,
    Scope,
)
from daphne.http_protocol import WebRequest
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

logger = logging.getLogger(__name__)

RESERVED = range(1001, 1015)


def _protocol(send: object) -> Any:
    """The Twisted protocol behind `send`, or None under another server."""
    if isinstance(send, partial) and send.args:
        protocol = send.args[0]
        if isinstance(protocol, WebRequest | WebSocketProtocol):
            return protocol
    return None


@implementer(IPushProducer)
class _Gate:
    """Open while the client reads; Twisted closes it when 64 KiB wait to be sent."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.opened.set()

    def pauseProducing(self) -> None:
        self.opened.clear()

    def resumeProducing(self) -> None:
        self.opened.set()

    def stopProducing(self) -> None:
        # The client has gone: whoever waits goes on and learns it from `http.disconnect`.
        self.opened.set()


@contextlib.contextmanager
def flow_control(send: ASGISendCallable) -> Iterator[ASGISendCallable]:
    """Give a `send` that waits until the client has read most of what was sent before."""
    protocol = _protocol(send)
    if protocol is None:
        yield send
        return
    # A WebSocket has taken the transport over from the HTTP channel, which is still registered.
    is_http = isinstance(protocol, WebRequest)
    consumer = protocol if is_http else protocol.transport
    gate = _Gate()
    if not is_http:
        consumer.unregisterProducer()
    consumer.registerProducer(gate, True)

    async def waiting_send(event: ASGISendEvent) -> None:
        await gate.opened.wait()
        if is_http and event["type"] == "http.response.body" and not event.get("more_body"):
            consumer.unregisterProducer()
        await send(event)

    try:
        yield waiting_send
    finally:
        # A request that has ended has forgotten its channel and its producer already.
        if not is_http or (consumer.producer is gate and consumer.channel is not None):
            consumer.unregisterProducer()


def cut(send: ASGISendCallable) -> bool:
    """Close the connection of a response that cannot be completed, so that nobody takes it
    for whole. False under another server, where the application has to raise.
    """
    protocol = _protocol(send)
    if protocol is None:
        return False
    protocol.loseConnection()
    return True


class CutBrokenResponses:
    """ASGI middleware: an application that fails in the middle of a response ends its connection.

    Daphne would try to send an error page into the response, fail at that, and never again
    clean up after finished applications.
    """

    def __init__(self, app: ASGI3Application) -> None:
        self.app = app

    async def __call__(
        self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        try:
            await self.app(scope, receive, send)
        except Exception:
            protocol = _protocol(send)
            if not (isinstance(protocol, WebRequest) and protocol._response_started):
                raise
            logger.exception("A response broke off in its middle")
            protocol.loseConnection()


def any_close_code(send: ASGISendCallable) -> ASGISendCallable:
    """Give a `send` for a WebSocket that accepts the close codes 1001–1014 too."""
    protocol = _protocol(send)
    if protocol is None:
        return send

    async def closing_send(event: ASGISendEvent) -> None:
        if event["type"] == "websocket.close" and event.get("code") in RESERVED:
            if protocol.state == protocol.STATE_OPEN:
                reason = (event.get("reason") or "").encode()[:123]
                protocol.sendCloseFrame(
                    code=event["code"],
                    reasonUtf8=reason.decode(errors="ignore").encode() or None,
                )
                return
            event = {**event, "code": 1000}
        await send(event)

    return closing_send
