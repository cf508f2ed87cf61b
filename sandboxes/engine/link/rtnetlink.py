"""Links, addresses and routes by rtnetlink(7), for the network namespace of the calling thread."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import struct

NEWLINK, DELLINK, SETLINK, NEWADDR, NEWROUTE = 16, 17, 19, 20, 24
REQUEST, ACK, EXCL, CREATE = 0x1, 0x4, 0x200, 0x400
ERROR = 2
IFF_UP = 1
IFLA_IFNAME, IFLA_MTU, IFLA_LINKINFO, IFLA_AF_SPEC, IFLA_NET_NS_FD = 3, 4, 18, 26, 28
INFO_KIND, INFO_DATA, VETH_INFO_PEER = 1, 2, 1
IFLA_INET6_ADDR_GEN_MODE, NO_ADDRESS = 8, 1
IFA_ADDRESS, IFA_LOCAL = 1, 2
RTA_DST, RTA_OIF, RTA_GATEWAY = 1, 4, 5
MAIN, LOCAL = 254, 255
UNICAST, LOCAL_ROUTE = 1, 2
UNIVERSE, LINK, HOST = 0, 253, 254
STATIC = 4
SIOCGIFINDEX = 0x8933


class Rtnetlink:
    """Every method raises OSError when the kernel says no."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        # The thread may be in another namespace when it is asked for an interface.
        self._probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._number = 0

    def close(self) -> None:
        self._socket.close()
        self._probe.close()

    def index(self, name: str) -> int:
        answer = fcntl.ioctl(self._probe, SIOCGIFINDEX, struct.pack("16s24x", name.encode()))
        found: int = struct.unpack_from("i", answer, 16)[0]
        return found

    def remove(self, name: str) -> None:
        self._ask(DELLINK, _link() + _text(IFLA_IFNAME, name))

    def add_pair(self, name: str, peer: str, namespace: int, mtu: int) -> None:
        """Two ends of one wire: `name` here, `peer` in the namespace of that descriptor."""
        there = _text(IFLA_IFNAME, peer) + _number(IFLA_NET_NS_FD, namespace)
        there += _number(IFLA_MTU, mtu)
        data = _attribute(INFO_DATA, _attribute(VETH_INFO_PEER, _link() + there))
        kind = _attribute(IFLA_LINKINFO, _attribute(INFO_KIND, b"veth") + data)
        here = _text(IFLA_IFNAME, name) + _number(IFLA_MTU, mtu)
        self._ask(NEWLINK, _link() + here + kind, CREATE | EXCL)

    def raise_up(self, index: int, ipv6: bool = True) -> None:
        """Without `ipv6` it gets no address of that family by itself."""
        if not ipv6:
            none = _attribute(IFLA_INET6_ADDR_GEN_MODE, bytes([NO_ADDRESS]))
            try:
                family = _attribute(IFLA_AF_SPEC, _attribute(socket.AF_INET6, none))
                self._ask(SETLINK, _link(index) + family)
            except OSError:  # a kernel without IPv6
                pass
        self._ask(SETLINK, _link(index, IFF_UP))

    def add_address(self, index: int, address: str, prefix: int) -> None:
        number = socket.inet_aton(address)
        head = struct.pack("=BBBBi", socket.AF_INET, prefix, 0, UNIVERSE, index)
        both = _attribute(IFA_LOCAL, number) + _attribute(IFA_ADDRESS, number)
        self._ask(NEWADDR, head + both, CREATE | EXCL)

    def add_route(
        self, index: int, to: str = "", *, by: str = "", table: int = MAIN, kind: int = UNICAST
    ) -> None:
        """To one address, or to all that no other route is for."""
        scope = HOST if kind == LOCAL_ROUTE else UNIVERSE if by else LINK
        length = 32 if to else 0
        head = struct.pack("=8BI", socket.AF_INET, length, 0, 0, table, STATIC, scope, kind, 0)
        parts = [_number(RTA_OIF, index)]
        parts += [_attribute(RTA_DST, socket.inet_aton(to))] if to else []
        parts += [_attribute(RTA_GATEWAY, socket.inet_aton(by))] if by else []
        self._ask(NEWROUTE, head + b"".join(parts), CREATE | EXCL)

    def _ask(self, kind: int, body: bytes, flags: int = 0) -> None:
        self._number += 1
        head = struct.pack("=IHHII", 16 + len(body), kind, REQUEST | ACK | flags, self._number, 0)
        self._socket.send(head + body)
        answer = self._socket.recv(65536)
        kind_of_answer, problem = struct.unpack_from("=4xH10xi", answer)
        if kind_of_answer != ERROR:
            raise OSError(errno.EPROTO, os.strerror(errno.EPROTO))
        if problem:
            raise OSError(-problem, os.strerror(-problem))


def _link(index: int = 0, flags: int = 0) -> bytes:
    return struct.pack("=BxHiII", socket.AF_UNSPEC, 0, index, flags, flags)


def _attribute(kind: int, value: bytes) -> bytes:
    length = 4 + len(value)
    return struct.pack("=HH", length, kind) + value + b"\0" * (-length % 4)


def _text(kind: int, value: str) -> bytes:
    return _attribute(kind, value.encode() + b"\0")


def _number(kind: int, value: int) -> bytes:
    return _attribute(kind, struct.pack("=I", value))
