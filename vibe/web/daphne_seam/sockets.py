"""The socket below a response, for what the kernel can send by itself."""

from __future__ import annotations

import asyncio
from typing import Any

from asgiref.typing import ASGISendCallable
from daphne.http_protocol import WebRequest

from vibe.web.daphne_seam.behind import protocol_of

FIRST_PAUSE, LONGEST_PAUSE = 0.001, 0.1  # seconds between two looks


async def emptied_socket(send: ASGISendCallable) -> int | None:
    """The number of the socket, once all that was sent before has gone into it; None under another
    server, where it is encrypted, or where the client has gone."""
    request: Any = protocol_of(send)
    if not isinstance(request, WebRequest) or request.channel is None:
        return None
    transport: Any = request.channel.transport
    if getattr(transport, "TLS", True) or not hasattr(transport, "socket"):
        return None
    pause = FIRST_PAUSE
    while transport.dataBuffer or transport._tempDataBuffer:
        if request.channel is None or not transport.connected:
            return None
        # Twisted writes when the loop finds the socket ready, and tells nobody of the last byte.
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
    return int(transport.socket.fileno()) if transport.connected else None
