"""The bytes of an accepted WebSocket, past Autobahn, which holds whole messages in memory."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from asgiref.typing import ASGISendCallable
from autobahn.twisted.websocket import ConnectionDeny
from daphne.ws_protocol import WebSocketProtocol

from vibe.web.daphne_seam.behind import protocol_of
from vibe.web.daphne_seam.flow import Gate, gated

# What may lie here unread before the client is left waiting.
UNREAD = 64 * 1024


class RawSocket:
    """A WebSocket's connection as bytes both ways; whoever has it speaks the protocol himself."""

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol
        self._transport = protocol.transport
        self._unread: deque[bytes] = deque()
        self._size = 0
        self._paused = False
        self._ended = False
        self._came = asyncio.Event()
        self._gate: Gate = gated(protocol)
        lost = protocol.connectionLost

        def connection_lost(*reason: Any) -> None:
            self._ended = True
            self._came.set()
            self._gate.stopProducing()
            lost(*reason)

        protocol.connectionLost = connection_lost
        protocol.dataReceived = self._receive
        # Pings of Daphne's own could fall into the middle of a frame.
        protocol.check_timeouts = _nothing
        if protocol.data:
            self._receive(protocol.data)
            protocol.data = b""

    async def read(self) -> bytes:
        """What has come, at least a byte; nothing at the end."""
        while not self._unread:
            if self._ended:
                return b""
            self._came.clear()
            await self._came.wait()
        data = self._unread.popleft() if len(self._unread) == 1 else b"".join(self._unread)
        self._unread.clear()
        self._size = 0
        if self._paused and not self._ended:
            self._paused = False
            self._transport.resumeProducing()
        return data

    async def write(self, pieces: list[bytes]) -> None:
        """Send, then wait until the client has read most of it. A write that is cancelled is
        whole all the same."""
        self.write_now(*pieces)
        await self._gate.opened.wait()

    def write_now(self, *pieces: bytes) -> None:
        """Send and wait for nothing."""
        self._transport.writeSequence(pieces)

    def close(self) -> None:
        """End the connection once everything has been sent."""
        self._transport.loseConnection()

    def abort(self) -> None:
        """End it at once; what was not read yet is dropped."""
        self._transport.abortConnection()

    def _receive(self, data: bytes) -> None:
        self._unread.append(data)
        self._size += len(data)
        self._came.set()
        if self._size > UNREAD and not self._paused:
            self._paused = True
            self._transport.pauseProducing()


def accept_raw(send: ASGISendCallable, subprotocol: str | None) -> RawSocket | None:
    """Accept a WebSocket and give its bytes, before any of them has been read as a frame.

    None when the client has gone. Raises TypeError under another server than Daphne.
    """
    protocol: Any = protocol_of(send)
    if not isinstance(protocol, WebSocketProtocol):
        raise TypeError("Only Daphne hands out the bytes of a WebSocket.")
    if protocol.state != protocol.STATE_CONNECTING:
        return None
    raw = RawSocket(protocol)
    protocol.serverAccept(subprotocol)
    return raw


def reject(send: ASGISendCallable, status: int, reason: str) -> bool:
    """Refuse a WebSocket's handshake in words, which the status line has room for; False under
    another server, which knows only 403."""
    protocol: Any = protocol_of(send)
    if not isinstance(protocol, WebSocketProtocol):
        return False
    if protocol.state == protocol.STATE_CONNECTING and hasattr(protocol, "handshake_deferred"):
        words = reason.encode("ascii", "replace").decode()
        protocol.handshake_deferred.errback(ConnectionDeny(code=status, reason=words))
        del protocol.handshake_deferred
        protocol.server.protocol_disconnected(protocol)
    return True


def _nothing() -> None:
    pass
