"""The one way out of a browser's sandbox: a port of its own that leads to a port of another."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

from ..client import AgentClient
from ..errors import EngineError

# A page opens six connections to a host, and a WebSocket or two.
CONNECTIONS = 96
PIECE = 64 * 1024


class Reach:
    """Serves a listening socket of the browser's sandbox until close()."""

    def __init__(self, listener: socket.socket, app: AgentClient, port: int) -> None:
        listener.setblocking(False)
        self._listener = listener
        self._app = app
        self._port = port
        self._tasks: set[asyncio.Task[None]] = set()
        self._accepting = asyncio.create_task(self._accept(), name="way of a browser")

    async def close(self) -> None:
        tasks = [self._accepting, *self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._listener.close()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                browser, _ = await loop.sock_accept(self._listener)
            except OSError:
                await asyncio.sleep(0.1)
                continue
            if len(self._tasks) >= CONNECTIONS:
                browser.close()
                continue
            task = asyncio.create_task(self._carry(browser), name="connection of a browser")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(self, browser: socket.socket) -> None:
        with browser:
            browser.setblocking(False)
            try:
                app = await self._app.reach(self._port, 5.0)
            except (EngineError, OSError):
                return
            with app:
                pieces = {
                    asyncio.create_task(_copy(browser, app)),
                    asyncio.create_task(_copy(app, browser)),
                }
                try:
                    await asyncio.wait(pieces)
                finally:
                    for piece in pieces:
                        piece.cancel()
                    await asyncio.gather(*pieces, return_exceptions=True)


async def _copy(source: socket.socket, target: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    try:
        while data := await loop.sock_recv(source, PIECE):
            await loop.sock_sendall(target, data)
    except OSError:
        # Its other half would wait for what does not come any more.
        with suppress(OSError):
            source.shutdown(socket.SHUT_RDWR)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
