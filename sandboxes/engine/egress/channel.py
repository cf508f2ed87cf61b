"""Messages with descriptors between the worker and its proxy process, on an asyncio loop."""

from __future__ import annotations

import array
import asyncio
import json
import socket
from collections import deque
from collections.abc import Callable
from typing import Any

from .. import sockets
from ..errors import EngineError

MOST_DESCRIPTORS = 253  # as the kernel passes at once

Receive = Callable[[dict[str, Any], list[int]], None]


class Channel:
    """One end of a SOCK_SEQPACKET pair. Never waits; `closed` is called once, at its end.

    `receive` owns the descriptors that it gets.
    """

    def __init__(self, sock: socket.socket, receive: Receive, closed: Callable[[], None]) -> None:
        sock.setblocking(False)
        self._socket = sock
        self._receive = receive
        self._closed = closed
        self._waiting: deque[tuple[bytes, list[int]]] = deque()
        self._open = True
        asyncio.get_running_loop().add_reader(sock, self._readable)

    def send(self, message: dict[str, Any], fds: list[int] | None = None) -> None:
        """The descriptors stay the caller's, who must keep them open until an answer comes."""
        data = json.dumps(message).encode()
        if len(data) > sockets.MAX_MESSAGE:
            raise EngineError(f"A message of {len(data)} bytes is too large for the proxy.")
        self._waiting.append((data, fds or []))
        if len(self._waiting) == 1:
            self._writable()

    def close(self) -> None:
        if self._open:
            self._open = False
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._socket)
            loop.remove_writer(self._socket)
            self._socket.close()
            self._closed()

    def _readable(self) -> None:
        try:
            message, fds = sockets.receive(self._socket, socket.MSG_DONTWAIT, MOST_DESCRIPTORS)
        except BlockingIOError:
            return
        except EngineError:
            self.close()
            return
        self._receive(message, fds)

    def _writable(self) -> None:
        loop = asyncio.get_running_loop()
        while self._open and self._waiting:
            data, fds = self._waiting[0]
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
            try:
                self._socket.sendmsg([data], rights, socket.MSG_NOSIGNAL | socket.MSG_DONTWAIT)
            except BlockingIOError:
                loop.add_writer(self._socket, self._writable)
                return
            except OSError:
                self.close()
                return
            self._waiting.popleft()
        if self._open:
            loop.remove_writer(self._socket)
