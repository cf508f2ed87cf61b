"""Wiring as a program of its own, where it takes a user namespace that only a process without
threads may enter: `-c START PARENT SOCKET`. The network namespace comes over the socket."""

from __future__ import annotations

import socket
import sys

from .wiring import wire


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[2]))
    _, namespaces, *_ = socket.recv_fds(control, 16, 1)
    if not namespaces:
        return
    try:
        sockets = wire(namespaces[0], enter_owner=True)
    except OSError as error:
        control.send(str(error.errno).encode())
        return
    socket.send_fds(control, [b"0"], [sock.fileno() for sock in sockets])
