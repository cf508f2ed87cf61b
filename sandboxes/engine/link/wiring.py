"""Give a sandbox an interface, and open the sockets at its other end.

Runs in a thread or process of its own: it leaves that in another network namespace.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket

from . import ends, filters
from .rtnetlink import LOCAL, LOCAL_ROUTE, Rtnetlink

CLONE_NEWNET, CLONE_NEWUSER = 0x40000000, 0x10000000
NS_GET_USERNS = 0xB701
OUTER = "in0"
LOOPBACK = 1  # the index of `lo` in every namespace
MTU = 65_000  # nothing of it ever reaches a real wire
BACKLOG = 256
DATAGRAM_BYTES, GREETING_BYTES = 256 * 1024, 64 * 1024
LOW_PORTS = "/proc/sys/net/ipv4/ip_unprivileged_port_start"


def wire(namespace: int, enter_owner: bool) -> list[socket.socket]:
    """The sockets in the order of `ends`; raises OSError. `namespace` is a descriptor of the
    sandbox's network namespace. `enter_owner`: what it takes is root of the user namespace that it
    belongs to, and the process has only one thread."""
    libc = ctypes.CDLL(None, use_errno=True)
    if enter_owner:
        owner = fcntl.ioctl(namespace, NS_GET_USERNS)
        try:
            _check(libc.setns(owner, CLONE_NEWUSER))
        finally:
            os.close(owner)
    _check(libc.setns(namespace, CLONE_NEWNET))
    inside = Rtnetlink()
    try:
        _check(libc.unshare(CLONE_NEWNET))
        _connect(inside, namespace)
    finally:
        inside.close()
    with open(LOW_PORTS, "w") as file:
        file.write("0")  # here listens nobody but us, later without any privilege
    return _sockets()


def _connect(inside: Rtnetlink, namespace: int) -> None:
    try:
        inside.remove(ends.INTERFACE)  # of a proxy that has died
    except OSError:
        pass
    outside = Rtnetlink()
    try:
        outside.add_pair(OUTER, ends.INTERFACE, namespace, MTU)
        outside.raise_up(LOOPBACK)
        near = outside.index(OUTER)
        outside.raise_up(near, ipv6=False)
        # An address in earnest: machines may be set up to answer for no other (arp_ignore).
        outside.add_address(near, ends.GATEWAY, ends.PREFIX)
        # First the way back, which would be taken for our own address after that.
        outside.add_route(near, ends.ADDRESS, table=LOCAL)
        outside.add_route(LOOPBACK, table=LOCAL, kind=LOCAL_ROUTE)
    finally:
        outside.close()
    far = inside.index(ends.INTERFACE)
    inside.raise_up(far, ipv6=False)
    inside.add_address(far, ends.ADDRESS, ends.PREFIX)
    inside.add_route(far, by=ends.GATEWAY)


def _sockets() -> list[socket.socket]:
    names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    names.setsockopt(socket.IPPROTO_IP, ends.IP_PKTINFO, 1)
    names.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, DATAGRAM_BYTES)
    names.bind((ends.EVERY_ADDRESS, ends.DNS_PORT))
    others = _raw(socket.IPPROTO_UDP, filters.other_datagrams(ends.DNS_PORT))
    greetings = _raw(socket.IPPROTO_TCP, filters.greetings())
    tcp = [_stream() for _ in range(ends.MOST_SOCKETS - ends.FIXED + 1)]
    for sock, port in zip(tcp, (ends.DNS_PORT, *ends.PORTS), strict=False):
        sock.bind((ends.EVERY_ADDRESS, port))
        sock.listen(BACKLOG)
    return [names, others, greetings, *tcp]


def _raw(protocol: int, steps: list[filters.Step]) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, GREETING_BYTES)
    filters.attach(sock, steps)
    return sock


def _stream() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return sock


def _check(result: int) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
