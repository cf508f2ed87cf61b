"""Writing to a command's standard input or terminal, by one call or over a lasting line."""

from __future__ import annotations

import asyncio
import base64
import socket
import time
from pathlib import Path
from typing import Any

from . import calls, sleep, sockets
from .errors import AgentProtocolError, RequestRefused
from .spec import InputState, TerminalSize

CHUNK_BYTES = 64 * 1024  # as base64 within JSON it fits a message
WRITE_TIMEOUT = 30.0


def write(
    path: Path, command: str, data: bytes, offset: int | None, close: bool, timeout: float
) -> InputState:
    """Return when the command has taken everything; raises AgentTimeout when it does not read.

    `offset` is where `data` begins: what lies below the count is skipped, so a repeated write
    does no harm. None: behind all that has been written.
    """
    deadline = time.monotonic() + timeout
    pieces = [data[at : at + CHUNK_BYTES] for at in range(0, len(data), CHUNK_BYTES)] or [b""]
    start = offset
    for piece in pieces:
        last = piece is pieces[-1]
        request = _request(command, piece, start, close and last)
        state = parse_state(calls.ask(path, request, sockets.remaining(deadline)))
        start = None if start is None else start + len(piece)
    return state


def parse_state(reply: dict[str, Any]) -> InputState:
    written, is_open = reply.get("written"), reply.get("open")
    if type(written) is not int or written < 0 or not isinstance(is_open, bool):
        raise AgentProtocolError("The sandbox sent a count that makes no sense.")
    return InputState(written, is_open)


class InputLine:
    """A lasting connection for one who types: each call waits until the command has taken it.

    Belongs to one event loop and one writer. Raises EngineError; after that it is of no use.
    """

    def __init__(self, path: Path, command: str, cgroup: str = "") -> None:
        """Connects; raises SandboxGone when the sandbox has ended. `cgroup`: what its handle says,
        to wake it by."""
        self._cgroup = cgroup
        self._command = command
        self._socket = sockets.connect(path, time.monotonic() + calls.CALL_TIMEOUT)
        self._socket.setblocking(False)

    async def write(self, data: bytes) -> int:
        """Write at most CHUNK_BYTES, however long that takes; returns the command's new count."""
        return parse_state(await self._ask(_request(self._command, data, None, False))).written

    async def resize(self, size: TerminalSize) -> None:
        await self._ask(resize_request(self._command, size))

    def close(self) -> None:
        """What the command has not taken yet is given up."""
        self._socket.close()

    async def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        sleep.wake(self._cgroup)
        # One message at a time is on its way, and the socket's buffer holds one.
        sockets.send(self._socket, request, [], time.monotonic() + calls.CALL_TIMEOUT)
        self._socket.setblocking(False)
        news = asyncio.Event()
        loop.add_reader(self._socket, news.set)
        try:
            await news.wait()
        finally:
            loop.remove_reader(self._socket)
        reply, received = sockets.receive(self._socket, socket.MSG_DONTWAIT)
        sockets.close_all(received)
        if reply.get("ok") is not True:
            raise RequestRefused(str(reply.get("code"))[:40], str(reply.get("message"))[:1000])
        return reply


def resize_request(command: str, size: TerminalSize) -> dict[str, Any]:
    return {"op": "resize", "command": command, "cols": size.cols, "rows": size.rows}


def _request(command: str, data: bytes, offset: int | None, close: bool) -> dict[str, Any]:
    text = base64.b64encode(data).decode()
    return {"op": "input", "command": command, "data": text, "offset": offset, "close": close}
