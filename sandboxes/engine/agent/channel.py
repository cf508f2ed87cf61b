"""One control connection: JSON messages with descriptors over SOCK_SEQPACKET."""

from __future__ import annotations

import os
import struct

from .bare import socket
from .messages import dumps, loads

MAX_MESSAGE = 192 * 1024  # below the kernel's default socket buffer: one message must fit in it
MAX_DESCRIPTORS = 8
NUMBER = struct.Struct("i")  # a descriptor, as the kernel passes it


class ProtocolError(Exception):
    """The peer sent something that is not a request; the connection is dropped."""


class Connection:
    """A non-blocking connection to one process of the host. Never waits for its peer."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self.socket = sock
        self.open = True

    def fileno(self) -> int:
        return self.socket.fileno()

    def receive(self) -> tuple[dict, list[int]] | None:
        """Return (request, descriptors), or None when the peer has closed.

        Raises BlockingIOError when there is nothing yet, ProtocolError on anything malformed.
        """
        space = socket.CMSG_SPACE(MAX_DESCRIPTORS * NUMBER.size)
        data, ancillary, flags, _ = self.socket.recvmsg(
            MAX_MESSAGE, space, socket.MSG_DONTWAIT | socket.MSG_CMSG_CLOEXEC
        )
        received: list[int] = []
        for level, kind, content in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                usable = len(content) - len(content) % NUMBER.size
                received += [number for (number,) in NUMBER.iter_unpack(content[:usable])]
        try:
            if not data:
                close_all(received)
                return None
            if flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC):
                raise ProtocolError("message too large")
            message = loads(data)
            if not isinstance(message, dict):
                raise ProtocolError("not an object")
        except (ValueError, RecursionError, ProtocolError) as error:
            close_all(received)
            raise ProtocolError(str(error))
        return message, received

    def send(self, message: dict, descriptors: list[int] | None = None) -> bool:
        """Send without waiting; a peer whose buffer is full is dropped. Returns success."""
        if not self.open:
            return False
        ancillary = []
        if descriptors:
            numbers = struct.pack(f"{len(descriptors)}i", *descriptors)
            ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, numbers)]
        flags = socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL
        try:
            self.socket.sendmsg([dumps(message)], ancillary, flags)
        except OSError:
            self.open = False
            try:
                # Not close(): the loop still has it registered and closes it at the next event.
                self.socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        return self.open


def close_all(descriptors: list[int]) -> None:
    for descriptor in descriptors:
        try:
            os.close(descriptor)
        except OSError:
            pass
