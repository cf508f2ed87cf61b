"""The stream of one file request, as the agent reads and writes it.

Frames go both ways: 4 bytes big-endian length, then a JSON object. Content goes in blocks: 4
bytes length, then as many bytes. A block of length 0 ends the content; FAILED in place of a
length says that it broke off, and a frame with the reason follows.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterator

HEADER = struct.Struct(">I")
MAX_FRAME = 64 * 1024
MAX_BLOCK = 256 * 1024
FAILED = 0xFFFFFFFF
PATIENCE = 120.0  # seconds without a sign of the host


class Failure(Exception):
    """An expected failure; `code` is one of the engine's file error codes."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Stream:
    """The agent's end of the stream of one request."""

    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(PATIENCE)
        self.socket = sock
        self.source = sock.makefile("rb", buffering=MAX_BLOCK)
        self.in_content = False

    def receive(self) -> dict:
        """The next frame; raises Failure when it is none."""
        length = self._length()
        if length > MAX_FRAME:
            raise Failure("invalid_path", "The request is too long.")
        message = json.loads(self._exactly(length))
        if not isinstance(message, dict):
            raise Failure("invalid_path", "The request is no object.")
        return message

    def send(self, message: dict) -> None:
        data = json.dumps(message).encode()
        self.socket.sendall(HEADER.pack(len(data)) + data)

    def blocks(self) -> Iterator[bytes]:
        """The content that the host sends, block by block."""
        while length := self._length():
            if length > MAX_BLOCK:
                raise Failure("error", "The transfer makes no sense.")
            yield self._exactly(length)

    def begin(self, message: dict) -> None:
        """Answer with a frame that content follows."""
        self.send(message)
        self.in_content = True

    def send_block(self, data: bytes | memoryview) -> None:
        """Send a piece of content, of any length."""
        view = memoryview(data)
        while view:
            piece, view = view[:MAX_BLOCK], view[MAX_BLOCK:]
            self.socket.sendall(HEADER.pack(len(piece)))
            self.socket.sendall(piece)

    def end(self) -> None:
        """Say that the content is complete."""
        self.socket.sendall(HEADER.pack(0))
        self.in_content = False

    def fail(self, code: str, message: str) -> None:
        """Say why the request failed, also in the middle of content."""
        if self.in_content:
            self.socket.sendall(HEADER.pack(FAILED))
        self.send({"error": code, "message": message})

    def _length(self) -> int:
        return HEADER.unpack(self._exactly(HEADER.size))[0]

    def _exactly(self, size: int) -> bytes:
        data = self.source.read(size)
        if len(data) < size:
            raise Failure("error", "The transfer was cut off.")
        return data
