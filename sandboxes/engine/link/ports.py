"""Opening ports at the other end of an interface, after it was made."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterable

from . import ends

BACKLOG = 256


def spare(sockets: Iterable[socket.socket]) -> list[socket.socket]:
    """Those for TCP that are bound to no port yet."""
    return [sock for sock in list(sockets)[ends.FIXED :] if not sock.getsockname()[1]]


def listen(spare: list[socket.socket], ports: Iterable[int]) -> dict[int, socket.socket]:
    """Open ports for as long as there are sockets; returns what listens and leaves `spare`.

    The worker and its proxy hold copies of the same sockets, and each may have been first.
    """
    wanted = sorted(set(ports), reverse=True)
    opened = {}
    for sock in list(spare):
        while not (port := sock.getsockname()[1]) and wanted:
            with contextlib.suppress(OSError):  # another one has it
                sock.bind((ends.EVERY_ADDRESS, wanted.pop()))
        if port:
            sock.listen(BACKLOG)
            opened[port] = sock
            spare.remove(sock)
    return opened
