"""Opening ports at the other end of an interface, after it was made."""

from __future__ import annotations

import socket
from collections.abc import Iterable

from . import ends

BACKLOG = 256


def spare(sockets: Iterable[socket.socket]) -> list[socket.socket]:
    """Those for TCP that are bound to no port yet."""
    return [sock for sock in list(sockets)[ends.FIXED :] if not sock.getsockname()[1]]


def listen(spare: list[socket.socket], ports: Iterable[int]) -> dict[int, socket.socket]:
    """Open ports for as long as there are sockets, which are taken from `spare`. One where
    something listens already is left out."""
    opened = {}
    for port in sorted(set(ports)):
        if not spare:
            break
        try:
            spare[-1].bind((ends.EVERY_ADDRESS, port))
        except OSError:
            continue
        opened[port] = spare.pop()
        opened[port].listen(BACKLOG)
    return opened
