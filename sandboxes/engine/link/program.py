"""Wiring as a program of its own, where it takes a user namespace that only a process without
threads may enter: `-c START PARENT SOCKET NAMESPACE`, the last two as descriptors."""

from __future__ import annotations

import array
import json
import socket
import sys

from .wiring import wire


def main() -> None:
    control, namespace = socket.socket(fileno=int(sys.argv[2])), int(sys.argv[3])
    try:
        sockets = wire(namespace, enter_owner=True)
    except OSError as error:
        control.send(json.dumps([error.errno, error.strerror]).encode())
        return
    rights = array.array("i", [sock.fileno() for sock in sockets])
    control.sendmsg([b"[]"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
