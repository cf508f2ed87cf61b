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
LOCALHOST = "127.0.0.1"
SETTINGS = "/proc/sys/net"
LOW_PORTS = "ipv4/ip_unprivileged_port_start"
# What the machine may have set otherwise for every network. Packets of the sandbox come from its
# own address and go to none of 127.0.0.0/8; of IPv6, whose tables of neighbours and routes are the
# whole machine's, none is heard.
STRICT = {
    "ipv4/conf/{}/forwarding": "0",
    "ipv4/conf/{}/route_localnet": "0",
    "ipv4/conf/{}/accept_local": "0",
    "ipv4/conf/{}/rp_filter": "1",
    "ipv6/conf/{}/disable_ipv6": "1",
}


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
    _set(LOW_PORTS, "0")  # here listens nobody but us, later without any privilege
    return _sockets()


def _be_strict() -> None:
    for name, value in STRICT.items():
        for interface in ("all", OUTER):
            try:
                _set(name.format(interface), value)
            except FileNotFoundError:  # a kernel without IPv6
                pass


def _set(name: str, value: str) -> None:
    with open(f"{SETTINGS}/{name}", "w") as file:
        file.write(value)


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
        _be_strict()
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
    ports_for_names, *usual = (_listening(port) for port in (ends.DNS_PORT, *ends.PORTS))
    called, caller = _stream(), _stream()
    called.bind((LOCALHOST, 0))  # which no packet of the sandbox gets to
    return [names, others, greetings, ports_for_names, called, caller, *usual]


def _listening(port: int) -> socket.socket:
    sock = _stream()
    sock.bind((ends.EVERY_ADDRESS, port))
    sock.listen(BACKLOG)
    return sock


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
