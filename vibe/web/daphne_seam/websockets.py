"""Messages and close codes of WebSockets, past Autobahn."""

from __future__ import annotations

import struct
from typing import Any

from asgiref.typing import ASGISendCallable, ASGISendEvent
from daphne.ws_protocol import WebSocketProtocol

from vibe.web.daphne_seam.behind import protocol_of

RESERVED = range(1001, 1015)
# Seconds for which a stream that has ended waits for the client to read what was sent before the
# close. Autobahn's own second cut off who is slow, and the system threw away what he had not read.
LAST_WORDS_SECONDS = 60.0
FINAL, TEXT, BINARY = 0x80, 1, 2


def any_close_code(send: ASGISendCallable) -> ASGISendCallable:
    """Give a `send` for a WebSocket that accepts the close codes 1001–1014 too, and that ends it
    with 1000 only when the client has read everything."""
    protocol = protocol_of(send)
    if protocol is None:
        return send

    async def closing_send(event: ASGISendEvent) -> None:
        if event["type"] == "websocket.close" and event.get("code", 1000) == 1000:
            protocol.closeHandshakeTimeout = LAST_WORDS_SECONDS
        elif event["type"] == "websocket.close" and event.get("code") in RESERVED:
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


def frames_at_once(
    send: ASGISendCallable, through: ASGISendCallable | None = None
) -> ASGISendCallable:
    """Give a `send` that writes the messages of an open WebSocket into its socket itself.

    Where hundreds watch one log this is what each line costs: Autobahn words a report for every
    frame, and Twisted registers the socket, waits for the loop, writes, and takes it off again.

    `through`: what `send` has been wrapped into already.
    """
    through = through or send
    protocol = protocol_of(send)
    if not isinstance(protocol, WebSocketProtocol):
        return through

    async def writing_send(event: ASGISendEvent) -> None:
        if event["type"] != "websocket.send" or not _is_plain(protocol):
            await through(event)
        elif data := event.get("bytes"):
            _write(protocol.transport, frame(BINARY, data))
        elif text := event.get("text"):
            _write(protocol.transport, frame(TEXT, text.encode()))

    return writing_send


def _is_plain(protocol: Any) -> bool:
    return protocol.state == protocol.STATE_OPEN and protocol._perMessageCompress is None


def frame(opcode: int, data: bytes) -> bytes:
    """A whole message of a server (RFC 6455 §5.2): unmasked, in one frame."""
    size = len(data)
    if size <= 125:
        return bytes((FINAL | opcode, size)) + data
    if size <= 0xFFFF:
        return struct.pack("!BBH", FINAL | opcode, 126, size) + data
    return struct.pack("!BBQ", FINAL | opcode, 127, size) + data


def _write(transport: Any, data: bytes) -> None:
    """Write at once what the socket takes, unless something waits to be written before it."""
    waiting = transport.dataBuffer or transport._tempDataBuffer
    if transport.connected and not (waiting or transport.disconnecting or transport.TLS):
        written = transport.writeSomeData(data)
        # Of an error the loop hears at the write that follows.
        if not isinstance(written, Exception):
            data = data[written:]
    if data:
        transport.write(data)
