"""The socket of a connection, lent between two requests to whoever serves the next one himself.

What comes is shown first to whoever may want it, as long as Daphne has nothing under way there. Who
takes the connection reads and writes its socket until he gives it back, between two requests as
well: each request is judged by its own host, also where a proxy keeps connections for all of them.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from typing import Any


class Lent:
    """The connection of one client; `client` is its address."""

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol
        self._transport: Any = protocol._channel.transport
        self.socket: socket.socket = self._transport.socket

    @property
    def client(self) -> str:
        return str(self._transport.getPeer().host)

    def take(self) -> None:
        """From now on Daphne neither reads nor writes it, nor ends it for being silent."""
        self._protocol._channel.setTimeout(None)
        self._transport.stopReading()

    def give_back(self, data: bytes) -> None:
        """Let Daphne go on, with what has been read already and not been answered."""
        channel = self._protocol._channel
        channel.setTimeout(channel.timeOut)
        self._transport.startReading()
        if data:
            channel.dataReceived(data)

    def close(self) -> None:
        """End it; what has been written is still sent."""
        self._transport.loseConnection()

    def abort(self) -> None:
        """End it at once."""
        self._transport.abortConnection()


def lend_connections(wants: Callable[[Lent, bytes], bool]) -> None:
    """Ask `wants` about what comes at a connection that is at rest; where it says yes, it has taken
    the connection."""
    # Not imported: that would start Twisted's loop also where another server is at work.
    http = sys.modules.get("daphne.http_protocol")
    if http is None or hasattr(http.HTTPFactory, "_vibe_lends"):
        return
    build = http.HTTPFactory.buildProtocol

    def build_protocol(self: Any, address: Any) -> Any:
        protocol = build(self, address)
        hear = protocol.dataReceived

        def hear_first(data: bytes) -> None:
            if not (_is_at_rest(protocol) and wants(Lent(protocol), data)):
                hear(data)

        protocol.dataReceived = hear_first
        return protocol

    http.HTTPFactory.buildProtocol = build_protocol
    http.HTTPFactory._vibe_lends = True


def _is_at_rest(protocol: Any) -> bool:
    """Whether the next byte begins a request, and nothing is left to be sent."""
    channel, transport = protocol._channel, protocol._channel.transport
    return not (
        channel.requests
        or channel._handlingRequest
        or channel._dataBuffer
        or channel._buffer
        or channel._HTTPChannel__first_line != 1
        or not channel.persistent
        or transport.dataBuffer
        or transport._tempDataBuffer
        or transport.disconnecting
        or not transport.connected
        or getattr(transport, "TLS", True)
    )
