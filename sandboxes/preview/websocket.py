"""WebSockets between a browser and a server in a sandbox: messages and close codes both ways."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, WebSocketScope
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.typing import Subprotocol

from sandboxes.preview import access, headers, pools, upstream
from sandboxes.preview.host import Target
from sandboxes.preview.request import client_address, request_target, scheme
from vibe.accounts.services.rights import Loss
from vibe.refusal import Refusal
from vibe.web import daphne_seam

# Of its own: websockets logs what a hostile server sends.
logger = logging.getLogger(__name__)

HANDSHAKE_TIMEOUT = 10.0  # seconds
# Daphne takes no larger message; an upstream that sends one is closed with 1009.
LARGEST_MESSAGE = 1024 * 1024 - 1024
QUEUED_FRAMES = 16
SENDABLE = {1000, 1001, 1002, 1003, *range(1007, 1015), *range(3000, 5000)}
GOING_AWAY, TOO_BIG, FAILED = 1001, 1009, 1011


async def serve(
    scope: WebSocketScope, receive: ASGIReceiveCallable, send: ASGISendCallable, target: Target
) -> None:
    """Join the browser's socket to one of the server on `target`; refuse when that is not there."""
    await receive()
    known = await access.look_up(target.sandbox_id)
    if known is None or known.status != "running":
        return await refuse(send)
    try:
        async with pools.slot(target.sandbox_id):
            server = await _open(scope, target)
            try:
                await _join(server, receive, send)
            finally:
                # Not a polite close here: the other side may be gone, or hostile.
                server.transport.abort()
    except (
        headers.BadRequest,
        Refusal,
        upstream.NoConnection,
        InvalidHandshake,
        InvalidURI,
        ValueError,
        OSError,
        TimeoutError,
    ) as error:
        logger.debug("No WebSocket to port %d: %r", target.port, error)
        return await refuse(send)


async def refuse(send: ASGISendCallable) -> None:
    """Answer the handshake with 403."""
    await send({"type": "websocket.close", "code": 1000, "reason": None})


async def end(send: ASGISendCallable, loss: Loss) -> None:
    """Close a socket whose sandbox is gone."""
    closing = daphne_seam.any_close_code(send)
    await closing({"type": "websocket.close", "code": loss.close_code, "reason": loss.message})


async def _open(scope: WebSocketScope, target: Target) -> ClientConnection:
    given = [(n, v) for n, v in scope["headers"] if not n.startswith(b"sec-websocket-")]
    passed = headers.for_sandbox(given, client=client_address(scope), scheme=scheme(scope))
    host = next(v for n, v in passed if n == b"host").decode("latin-1")
    path = request_target(scope).decode("ascii")
    extra = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in passed if n != b"host"]
    connected = await upstream.open_socket(target)
    try:
        return await connect(
            f"ws://{host}{path}",
            sock=connected,
            additional_headers=extra,
            user_agent_header=None,
            subprotocols=[Subprotocol(name) for name in scope["subprotocols"]] or None,
            compression=None,
            proxy=None,
            open_timeout=HANDSHAKE_TIMEOUT,
            ping_interval=None,
            close_timeout=2,
            max_size=LARGEST_MESSAGE,
            max_queue=QUEUED_FRAMES,
            logger=logger,
        )
    except BaseException:
        connected.close()
        raise


async def _join(
    server: ClientConnection, receive: ASGIReceiveCallable, send: ASGISendCallable
) -> None:
    closing = daphne_seam.any_close_code(send)
    await send({"type": "websocket.accept", "subprotocol": server.subprotocol, "headers": []})
    with daphne_seam.flow_control(send) as sending:
        down = asyncio.ensure_future(_down(server, sending))
        up = asyncio.ensure_future(_up(server, receive))
        try:
            await asyncio.wait({down, up}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (down, up):
                task.cancel()
            await asyncio.wait({down, up})
    if not down.cancelled():
        code, reason = down.result()
        await closing({"type": "websocket.close", "code": code, "reason": reason})


async def _down(server: ClientConnection, send: ASGISendCallable) -> tuple[int, str]:
    """Pass the server's messages on until it closes; return the code and reason for the browser."""
    while True:
        try:
            message = await server.recv()
        except ConnectionClosed as closed:
            return _closing(closed)
        if isinstance(message, str):
            await send({"type": "websocket.send", "text": message, "bytes": None})
        else:
            await send({"type": "websocket.send", "text": None, "bytes": message})


def _closing(closed: ConnectionClosed) -> tuple[int, str]:
    if closed.rcvd is not None and not (closed.sent and not closed.rcvd_then_sent):
        code = closed.rcvd.code
        return (code if code in SENDABLE else 1000), closed.rcvd.reason
    if closed.sent is not None and closed.sent.code == TOO_BIG:
        return TOO_BIG, "A message is larger than 1 MiB."
    return FAILED, "The server in the sandbox has gone."


async def _up(server: ClientConnection, receive: ASGIReceiveCallable) -> None:
    """Pass the browser's messages on until it closes, then close towards the server."""
    while True:
        event = await receive()
        if event["type"] == "websocket.disconnect":
            code = event.get("code") or 1000
            with contextlib.suppress(ConnectionClosed):
                await server.close(_towards_server(code), event.get("reason") or "")
            return
        if event["type"] != "websocket.receive":
            continue
        text, data = event.get("text"), event.get("bytes")
        try:
            await server.send(text if text is not None else data or b"")
        except ConnectionClosed:
            # `_down` learns the same and knows the code.
            await asyncio.Event().wait()


def _towards_server(code: int) -> int:
    if code in SENDABLE:
        return code
    return 1000 if code == 1005 else GOING_AWAY
