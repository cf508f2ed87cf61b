"""WebSockets between a browser and a server in a sandbox."""

from __future__ import annotations

import logging

import httpcore
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, WebSocketScope
from django.conf import settings

from sandboxes.preview import access, handshake, headers, places, pools, reasons, upstream
from sandboxes.preview.host import Target
from sandboxes.preview.relay import Relay
from vibe.accounts.services.rights import Loss
from vibe.refusal import Refusal
from vibe.shares import Busy
from vibe.web import daphne_seam

logger = logging.getLogger(__name__)

MIB = 1024 * 1024
FORBIDDEN, UNAVAILABLE = 403, 503


async def serve(
    scope: WebSocketScope, receive: ASGIReceiveCallable, send: ASGISendCallable, target: Target
) -> None:
    """Join the browser's socket to one of the server on `target`; refuse when that is not there."""
    await receive()
    known = await access.look_up(target.sandbox_id)
    if known is None:
        return await refuse(send, reasons.UNKNOWN.title)
    if known.status != "running":
        return await refuse(send, reasons.of_sandbox(known).title)
    status = FORBIDDEN
    try:
        async with places.for_socket(known):
            return await _serve(scope, send, target, pools.of(target, known))
    except Busy as busy:
        status, why = UNAVAILABLE, str(busy)
    except headers.BadRequest:
        why = reasons.BAD_REQUEST.title
    except ConnectionRefusedError:
        why = f"Nothing is listening on port {target.port} yet"
    except handshake.Declined as declined:
        why = f"The server opened no WebSocket but answered {declined.status}"
    except httpcore.ProtocolError:
        why = reasons.BROKEN.title
    except (Refusal, upstream.NoConnection, httpcore.NetworkError, httpcore.TimeoutException):
        why = reasons.NO_ANSWER.title
    logger.debug("No WebSocket to port %d: %s", target.port, why)
    return await refuse(send, why, status)


async def refuse(send: ASGISendCallable, why: str, status: int = FORBIDDEN) -> None:
    """Answer the handshake with a status and, in its line, the reason."""
    if not daphne_seam.reject(send, status, why):
        await send({"type": "websocket.close", "code": 1000, "reason": None})


async def end(send: ASGISendCallable, loss: Loss) -> None:
    """Close a socket whose sandbox is gone."""
    closing = daphne_seam.any_close_code(send)
    await closing({"type": "websocket.close", "code": loss.close_code, "reason": loss.message})


async def _serve(
    scope: WebSocketScope, send: ASGISendCallable, target: Target, pool: pools.Pool
) -> None:
    key = handshake.new_key()
    ask = handshake.opening(scope, target, key)
    async with pool.exchange(ask, fresh=True) as response:
        subprotocol = handshake.opened(response, key, list(scope["subprotocols"]))
        browser = daphne_seam.accept_raw(send, subprotocol)
        if browser is not None:
            server = response.extensions["network_stream"]
            await Relay(browser, server, settings.PREVIEW_MESSAGE_MB * MIB).run()
