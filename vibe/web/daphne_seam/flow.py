"""What is sent waits until the client has read what was sent before."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

from asgiref.typing import ASGISendCallable, ASGISendEvent
from daphne.http_protocol import WebRequest
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from vibe.web.daphne_seam.behind import protocol_of


@implementer(IPushProducer)
class Gate:
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
def flow_control(
    send: ASGISendCallable, through: ASGISendCallable | None = None
) -> Iterator[ASGISendCallable]:
    """Give a `send` that waits until the client has read most of what was sent before.

    `through`: what `send` has been wrapped into already.
    """
    through = through or send
    protocol = protocol_of(send)
    if protocol is None or _has_gone(protocol):
        yield through
        return
    is_http = isinstance(protocol, WebRequest)
    consumer = protocol if is_http else protocol.transport
    gate = gated(protocol)

    async def waiting_send(event: ASGISendEvent) -> None:
        if event["type"] != "websocket.close":  # which must reach one, too, who does not read
            await gate.opened.wait()
        if is_http and event["type"] == "http.response.body" and not event.get("more_body"):
            consumer.unregisterProducer()
        await through(event)

    try:
        yield waiting_send
    finally:
        # A request that has ended has forgotten its channel and its producer already.
        if not is_http or (consumer.producer is gate and consumer.channel is not None):
            consumer.unregisterProducer()


def gated(protocol: Any) -> Gate:
    """The gate of a connection from now on."""
    gate = Gate()
    if isinstance(protocol, WebRequest):
        protocol.registerProducer(gate, True)
    else:
        # It has taken the transport over from the HTTP channel, which is still registered.
        protocol.transport.unregisterProducer()
        protocol.transport.registerProducer(gate, True)
    return gate


def _has_gone(protocol: Any) -> bool:
    """Whether the client left before anything was sent: nothing is left to register with."""
    if isinstance(protocol, WebRequest):
        return protocol.channel is None or protocol._disconnected
    return not protocol.transport.connected
