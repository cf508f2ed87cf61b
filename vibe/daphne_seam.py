"""What ASGI messages cannot tell Daphne; all knowledge of its inside is in this room.

Daphne (4.2) buffers without bound what a slow client does not read and what the application has
not read yet, cannot cut a response short, lets Autobahn refuse the close codes 1001–1014, and has
a frame of a WebSocket take a turn of the event loop. Its `send` is a partial over the Twisted
protocol, which can do better. Under another ASGI server
nothing here does anything: those wait in `send`, pass bodies on as they come, cut the response
when the application raises, and take every close code.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import struct
import sys
import weakref
from collections.abc import Iterator
from functools import partial
from typing import Any, cast

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
FINAL, TEXT, BINARY = 0x80, 1, 2


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
def flow_control(
    send: ASGISendCallable, through: ASGISendCallable | None = None
) -> Iterator[ASGISendCallable]:
    """Give a `send` that waits until the client has read most of what was sent before.

    `through`: what `send` has been wrapped into already.
    """
    through = through or send
    protocol = _protocol(send)
    if protocol is None:
        yield through
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
        await through(event)

    try:
        yield waiting_send
    finally:
        # A request that has ended has forgotten its channel and its producer already.
        if not is_http or (consumer.producer is gate and consumer.channel is not None):
            consumer.unregisterProducer()


def frames_at_once(
    send: ASGISendCallable, through: ASGISendCallable | None = None
) -> ASGISendCallable:
    """Give a `send` that writes the messages of an open WebSocket into its socket itself.

    Where hundreds watch one log this is what each line costs: Autobahn words a report for every
    frame, and Twisted registers the socket, waits for the loop, writes, and takes it off again.

    `through`: what `send` has been wrapped into already.
    """
    through = through or send
    protocol = _protocol(send)
    if not isinstance(protocol, WebSocketProtocol):
        return through

    async def writing_send(event: ASGISendEvent) -> None:
        if event["type"] != "websocket.send" or not _is_plain(protocol):
            await through(event)
        elif data := event.get("bytes"):
            _write(protocol.transport, _frame(BINARY, data))
        elif text := event.get("text"):
            _write(protocol.transport, _frame(TEXT, text.encode()))

    return writing_send


def _is_plain(protocol: Any) -> bool:
    return protocol.state == protocol.STATE_OPEN and protocol._perMessageCompress is None


def _frame(opcode: int, data: bytes) -> bytes:
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


def keep_bodies_on_disk() -> None:
    """Let Daphne hand out the body of a request as it is read.

    It has kept a large body in a temporary file, and would put all of it into a queue in memory
    before the application reads the first piece.
    """
    # Not imported: that would start Twisted's loop also where another server is at work.
    server = sys.modules.get("daphne.server")
    if server is None or hasattr(server.Server, "_vibe_bodies"):
        return
    create = server.Server.create_application

    def create_application(self: Any, protocol: Any, scope: Any) -> asyncio.Queue[Any] | None:
        queue: asyncio.Queue[Any] | None = create(self, protocol, scope)
        if queue is not None and isinstance(protocol, WebRequest):
            read_late(queue, protocol.content)
        return queue

    server.Server.create_application = create_application
    server.Server._vibe_bodies = True


def read_late(queue: asyncio.Queue[Any], content: Any) -> None:
    """Let `queue` remember where in the file `content` the body of a message lies, and not it."""
    try:
        file = os.dup(content.fileno())
    except (OSError, AttributeError):  # a small body, which is in memory
        return
    closing = weakref.finalize(queue, os.close, file)
    end = 0

    def put_nowait(message: dict[str, Any]) -> None:
        nonlocal end
        if message["type"] == "http.request":
            place, end = end, end + len(message["body"])
            message = {**message, "body": (place, end - place)}
        asyncio.Queue.put_nowait(queue, message)

    def get() -> dict[str, Any]:
        message: dict[str, Any] = cast(Any, queue)._queue.popleft()
        if message["type"] == "http.request":
            place, size = message["body"]
            message = {**message, "body": os.pread(file, size, place)}
            if not message["more_body"]:
                closing()
        return message

    # The queue's own hooks: what waits in `get` has been bound to it before.
    lazy: Any = queue
    lazy.put_nowait, lazy._get = put_nowait, get


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
