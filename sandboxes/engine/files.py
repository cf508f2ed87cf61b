"""The host's side of file operations: requests over a stream to a child of the agent."""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Any

from .errors import AgentProtocolError, FileError
from .sockets import remaining
from .spec import FileEntry

HEADER = struct.Struct(">I")
MAX_FRAME = 64 * 1024
MAX_LISTING = 32 * 1024 * 1024
CHUNK = 256 * 1024


class FileStream:
    """One request and its answer, with one deadline over all of it."""

    def __init__(self, sock: socket.socket, timeout: float) -> None:
        self.sock = sock
        self.deadline = time.monotonic() + timeout

    def __enter__(self) -> FileStream:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.sock.close()

    def send(self, message: dict[str, Any], content: bytes = b"") -> None:
        """Send a frame. A peer that has hung up has left its reason in the stream."""
        data = json.dumps(message).encode()
        if len(data) > MAX_FRAME:
            raise FileError("invalid_path", "The path is too long.")
        try:
            self._send(HEADER.pack(len(data)) + data)
            for start in range(0, len(content), CHUNK):
                self._send(content[start : start + CHUNK])
        except (BrokenPipeError, ConnectionResetError):
            self.answer()
            raise AgentProtocolError("The sandbox broke off a file operation.")

    def answer(self) -> dict[str, Any]:
        """Receive a frame; raises FileError when it says so."""
        (length,) = HEADER.unpack(self.receive(HEADER.size))
        if length > MAX_FRAME:
            raise AgentProtocolError("The sandbox sent an answer that is too long.")
        message = parse_json(self.receive(length))
        if not isinstance(message, dict):
            raise AgentProtocolError("The sandbox sent something that is not an answer.")
        if "error" in message:
            raise FileError(str(message["error"])[:40], str(message.get("message", ""))[:1000])
        return message

    def content(self, maximum: int) -> bytes:
        """Receive a frame that announces raw bytes, and those."""
        size = self.answer().get("size")
        if not isinstance(size, int) or not 0 <= size <= maximum:
            raise AgentProtocolError("The sandbox announced more than was asked for.")
        return self.receive(size)

    def receive(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            self.sock.settimeout(remaining(self.deadline))
            try:
                chunk = self.sock.recv(min(size - len(data), CHUNK))
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

    def _send(self, data: bytes) -> None:
        self.sock.settimeout(remaining(self.deadline))
        try:
            self.sock.sendall(data)
        except TimeoutError:
            raise FileError("timeout", "The file operation took too long.")


def parse_listing(data: bytes, limit: int) -> tuple[list[FileEntry], bool]:
    """Read a listing as the agent wrote it; raises AgentProtocolError."""
    result = parse_json(data)
    try:
        rows: Iterable[Any] = result["entries"]
        entries = [
            FileEntry(str(path), str(kind), int(size), float(mtime), int(mode))
            for path, kind, size, mtime, mode in rows
        ]
        truncated = bool(result["truncated"])
    except (KeyError, TypeError, ValueError, OverflowError):
        raise AgentProtocolError("The sandbox sent a listing that makes no sense.")
    if len(entries) > limit:
        raise AgentProtocolError("The sandbox sent more entries than were asked for.")
    return entries, truncated


def parse_json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise AgentProtocolError("The sandbox sent something that is not an answer.")
