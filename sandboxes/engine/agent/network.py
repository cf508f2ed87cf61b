"""Sockets of the sandbox's own loopback, for the host to use."""

from __future__ import annotations

import os
from sys import byteorder

from .bare import socket
from .processes import descendants
from .refusal import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

LISTEN = "0A"  # TCP_LISTEN in /proc/net/tcp
FIRST_PORT = 1024
BACKLOG = 128


def connecting(port: object, family: object, isolated: bool) -> socket.socket:
    """A non-blocking socket on its way to the loopback address, or for the family 0 to whichever
    the port listens on; the host waits for the outcome."""
    kind, address = _listed(_port(port), isolated) if family == 0 else _loopback(family)
    sock = socket.socket(kind, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    sock.connect_ex((address, _port(port)))
    return sock


def listening(port: object) -> socket.socket:
    """A listening socket on 127.0.0.1; raises Refused when the port is taken."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", _port(port)))
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        raise Refused("in_use", f"Port {port} cannot be opened: {error.strerror}.")
    return sock


def ports(isolated: bool) -> list[int]:
    """TCP ports in LISTEN state, sorted; without isolation only those of our own descendants."""
    found = {port for _, port in _open(isolated)}
    return sorted(port for port in found if port >= FIRST_PORT)


def _open(isolated: bool) -> Iterator[tuple[str, int]]:
    """Address and port of every listening socket, the address as the kernel writes it."""
    owned = None if isolated else _owned_sockets()
    for table in ("/proc/self/net/tcp", "/proc/self/net/tcp6"):
        try:
            with open(table) as file:
                lines = file.readlines()[1:]
        except OSError:  # no IPv6
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == LISTEN and (owned is None or fields[9] in owned):
                address, _, port = fields[1].rpartition(":")
                yield address, int(port, 16)


def _owned_sockets() -> set[str]:
    """Inode numbers of the sockets that our descendants hold."""
    inodes = set()
    for pid in descendants(os.getpid()):
        try:
            for entry in os.scandir(f"/proc/{pid}/fd"):
                target = os.readlink(entry.path)
                if target.startswith("socket:["):
                    inodes.add(target[8:-1])
        except OSError:  # gone meanwhile
            continue
    return inodes


def _listed(port: int, isolated: bool) -> tuple[int, str]:
    """The first address on which the port listens, 127.0.0.2 for instance."""
    for words, found in _open(isolated):
        if found == port:
            # Words of 32 bits, each in the order of this machine.
            parts = [bytes.fromhex(words[at : at + 8]) for at in range(0, len(words), 8)]
            packed = b"".join(part[::-1] if byteorder == "little" else part for part in parts)
            kind = socket.AF_INET if len(packed) == 4 else socket.AF_INET6
            return kind, socket.inet_ntop(kind, packed)
    raise Refused("refused", "Nothing in this sandbox listens on that port.")


def _loopback(family: object) -> tuple[int, str]:
    if family == 4:
        return socket.AF_INET, "127.0.0.1"
    if family == 6:
        return socket.AF_INET6, "::1"
    raise Refused("invalid", "family must be 4, 6 or 0.")


def _port(value: object) -> int:
    if not isinstance(value, int) or not 0 < value < 65536:
        raise Refused("invalid", "A port is a number from 1 to 65535.")
    return value
