"""Opening ports at the other end of an interface, after it was made.

A new socket belongs to the network of whoever makes it, which is never that one. But what
accept(2) gives belongs to its listener's: so two sockets of there connect to each other, and the
third one that comes of it is taken apart again and bound anew.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import struct
from collections.abc import Iterable, Sequence

from . import ends

BACKLOG = 256
SECONDS = 1.0
APART = struct.pack("=H14x", socket.AF_UNSPEC)


def bound(sockets: Sequence[socket.socket]) -> dict[int, socket.socket]:
    """Those that listen for programs, by their ports."""
    return {sock.getsockname()[1]: sock for sock in sockets[ends.FIXED :]}


def listen(sockets: Sequence[socket.socket], wanted: Iterable[int]) -> dict[int, socket.socket]:
    """Open ports at the end of the interface that `sockets` are of, as many as can be had. Only
    one process at a time may."""
    opened = {}
    for port in sorted(set(wanted)):
        with contextlib.suppress(OSError):
            opened[port] = _listening(sockets, port)
    return opened


def _listening(sockets: Sequence[socket.socket], port: int) -> socket.socket:
    sock = _another(sockets[ends.CALLED], sockets[ends.CALLER])
    try:
        sock.bind((ends.EVERY_ADDRESS, port))
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock


def _another(called: socket.socket, caller: socket.socket) -> socket.socket:
    """Raises OSError."""
    called.settimeout(SECONDS)
    caller.settimeout(SECONDS)
    called.listen(1)
    try:
        caller.connect(called.getsockname())
        return _apart(called.accept()[0])
    finally:
        for one in (caller, called):
            _apart(one)


def _apart(sock: socket.socket) -> socket.socket:
    """Bound to nothing and connected to nothing, which Python has no call for."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.connect(sock.fileno(), APART, len(APART)) < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return sock
