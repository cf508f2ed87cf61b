"""Sockets to the servers in sandboxes, as a browser opens them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.fixtures.waiting import PATIENCE

WS = 3001  # where the app of these tests speaks WebSockets


def dial(web, host: str, path: str = "/", **options: Any) -> connect:
    return connect(
        f"ws://{host}{path}",
        host="127.0.0.1",
        port=web.port,
        proxy=None,
        open_timeout=PATIENCE,
        # A pong waits behind the message that is under way, for minutes on a busy machine.
        ping_interval=None,
        **{"origin": f"http://{host}", "compression": None, **options},
    )


async def ending(socket: ClientConnection) -> tuple[int, str]:
    with pytest.raises(ConnectionClosed) as closed:
        async with asyncio.timeout(20):
            while True:
                await socket.recv()
    received = closed.value.rcvd
    assert received is not None
    return received.code, received.reason
