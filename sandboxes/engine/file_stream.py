"""The host's end of the stream of one file request. What comes from it is untrusted.

The protocol is that of agent/frames.py.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .errors import AgentProtocolError, FileError
from .sockets import remaining

HEADER = struct.Struct(">I")
MAX_FRAME = 64 * 1024
BLOCK = 256 * 1024
FAILED = 0xFFFFFFFF
PATIENCE = 60.0  # seconds that one step may take, whatever the deadline of the whole is


class FileStream:
    """One request and its answer, with one deadline over all of it.

    `ended` is called when it is closed, to wait for whoever has served it.
    """

    def __init__(
        self, sock: socket.socket, timeout: float, ended: Callable[[], object] = lambda: None
    ) -> None:
        self.sock = sock
        self.deadline = time.monotonic() + timeout
        self.ended = ended

    def __enter__(self) -> FileStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it, also while another thread waits for it. Fine to repeat."""
        self.interrupt()
        self.sock.close()
        self.ended()

    def interrupt(self) -> None:
        """Wake whoever waits for it, with a failure. Never waits itself."""
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def send(self, message: dict[str, Any]) -> None:
        """Send a frame. A peer that has hung up has left its reason in the stream."""
        data = json.dumps(message).encode()
        if len(data) > MAX_FRAME:
            raise FileError("invalid_path", "The path is too long.")
        self._send(HEADER.pack(len(data)) + data)

    def send_content(self, pieces: Iterable[bytes]) -> None:
        """Send content to its end, in pieces of any length."""
        for piece in pieces:
            for start in range(0, len(piece), BLOCK):
                block = piece[start : start + BLOCK]
                self._send(HEADER.pack(len(block)))
                self._send(block)
        self._send(HEADER.pack(0))

    def answer(self) -> dict[str, Any]:
        """Receive a frame; raises FileError when it says so."""
        length = self._length()
        if length > MAX_FRAME:
            raise AgentProtocolError("The sandbox sent an answer that is too long.")
        message = parse_json(self.receive(length))
        if not isinstance(message, dict):
            raise AgentProtocolError("The sandbox sent something that is not an answer.")
        if "error" in message:
            raise FileError(str(message["error"])[:40], str(message.get("message", ""))[:1000])
        return message

    def blocks(self, maximum: int | None = None) -> Iterator[bytes]:
        """Receive content to its end; raises FileError when it breaks off.

        More than `maximum` bytes are an AgentProtocolError.
        """
        received = 0
        while length := self._length():
            if length == FAILED:
                self.answer()
                raise AgentProtocolError("The sandbox broke off without a reason.")
            received += length
            if length > BLOCK or (maximum is not None and received > maximum):
                raise AgentProtocolError("The sandbox sent more than was asked for.")
            yield self.receive(length)

    def receive(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            self._limit()
            try:
                chunk = self.sock.recv(min(size - len(data), BLOCK))
            except TimeoutError:
                raise FileError("timeout", "The file operation took too long.")
            except OSError:
                chunk = b""
            if not chunk:
                late = time.monotonic() >= self.deadline - 0.05
                code = "timeout" if late else "error"
                raise FileError(code, "The file operation was broken off in the sandbox.")
            data += chunk
        return bytes(data)

    def _length(self) -> int:
        (length,) = HEADER.unpack(self.receive(HEADER.size))
        return int(length)

    def _send(self, data: bytes) -> None:
        self._limit()
        try:
            self.sock.sendall(data)
        except TimeoutError:
            raise FileError("timeout", "The file operation took too long.")
        except (BrokenPipeError, ConnectionResetError):
            self.answer()
            raise AgentProtocolError("The sandbox broke off a file operation.")
        except OSError:
            raise FileError("error", "The file operation was broken off.")

    def _limit(self) -> None:
        try:
            self.sock.settimeout(min(remaining(self.deadline), PATIENCE))
        except OSError:  # closed meanwhile by another thread
            raise FileError("error", "The file operation was broken off.")


def parse_json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise AgentProtocolError("The sandbox sent something that is not an answer.")
