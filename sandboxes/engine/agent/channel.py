"""One control connection: JSON messages with descriptors over SOCK_SEQPACKET."""

from __future__ import annotations

import array
import json
import os
import socket

MAX_MESSAGE = 192 * 1024  # below the kernel's default socket buffer: one message must fit in it
MAX_DESCRIPTORS = 8


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
        space = socket.CMSG_SPACE(MAX_DESCRIPTORS * array.array("i").itemsize)
        data, ancillary, flags, _ = self.socket.recvmsg(
            MAX_MESSAGE, space, socket.MSG_DONTWAIT | socket.MSG_CMSG_CLOEXEC
        )
        descriptors = array.array("i")
        for level, kind, content in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                usable = len(content) - len(content) % descriptors.itemsize
                descriptors.frombytes(content[:usable])
        received = list(descriptors)
        try:
            if not data:
                close_all(received)
                return None
            if flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC):
                raise ProtocolError("message too large")
            message = json.loads(data)
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
            ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
        flags = socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL
        try:
            self.socket.sendmsg([json.dumps(message).encode()], ancillary, flags)
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
