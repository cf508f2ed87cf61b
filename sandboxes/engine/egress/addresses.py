"""Addresses that no sandbox may reach: this machine's, its neighbours', and what is not a host."""

from __future__ import annotations

import time
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path

from .domains import Address

Network = IPv4Network | IPv6Network
OWN_SECONDS = 10.0

# Where clouds tell a machine its own secrets: not even hosts of the operator lie there.
METADATA = (
    "169.254.169.254/32", "169.254.170.2/32", "100.100.100.200/32", "168.63.129.16/32",
    "192.0.0.192/32", "fd00:ec2::254/128", "fd20:ce::254/128",
)  # fmt: skip
# Sorted by why, as people are told, after the special-purpose registries of IANA. Ranges that stand
# for addresses of IPv4 are refused whole, but for those that `_embedded` looks into.
# Those for documentation lead nowhere, unless somebody has made them lead somewhere.
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
FORBIDDEN = {
    "a metadata service of a cloud": METADATA,
    "an address of this machine": ("127.0.0.0/8", "0.0.0.0/8", "::1/128", "::/128"),
    "a link-local address": ("169.254.0.0/16", "fe80::/10", "fec0::/10"),
    "a multicast or broadcast address": ("224.0.0.0/4", "255.255.255.255/32", "ff00::/8"),
    "a private address": PRIVATE,
    "a reserved address": (
        "192.0.0.0/24", "198.18.0.0/15", "192.88.99.0/24", "240.0.0.0/4", "::/96", "100::/64",
        "::ffff:0:0:0/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "5f00::/16",
    ),
}  # fmt: skip
_FORBIDDEN: list[tuple[str, Network]] = [
    (words, ip_network(text)) for words, texts in FORBIDDEN.items() for text in texts
]
_PRIVATE = [ip_network(text) for text in PRIVATE]
_METADATA = next(iter(FORBIDDEN))
_UNICAST = ip_network("2000::/3")
_DOCUMENTATION = [
    ip_network(text)
    for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20")
]
_NAT64 = ip_network("64:ff9b::/96")


class AddressCheck:
    """Says why an address may not be reached.

    `opened` are ranges that the operator has opened for the hosts that he has named himself.
    """

    def __init__(self, opened: Iterable[str] = ()) -> None:
        self.opened = [ip_network(text, strict=False) for text in opened]
        self._own: frozenset[Address] = frozenset()
        self._read_at = float("-inf")

    def refusal(self, address: Address, *, trusted: bool = False) -> str:
        """Why not, as "a private address"; empty when it may.

        `trusted`: the operator's own configuration names the host, so that a mirror in his
        private network is meant.
        """
        inner = _embedded(address)
        if trusted and _lies_in(inner, self.opened):
            return ""
        if inner in self.own():
            return "an address of this machine"
        for words, network in _FORBIDDEN:
            if inner.version == network.version and inner in network:
                private = trusted and words != _METADATA and _lies_in(inner, _PRIVATE)
                return "" if private else words
        # What no list above names and is not handed out to anybody either.
        unknown = not inner.is_global or (inner.version == 6 and inner not in _UNICAST)
        return "a reserved address" if unknown and not _lies_in(inner, _DOCUMENTATION) else ""

    def own(self) -> frozenset[Address]:
        """Addresses of this machine's interfaces, read anew every few seconds."""
        if time.monotonic() - self._read_at > OWN_SECONDS:
            self._own = own_addresses()
            self._read_at = time.monotonic()
        return self._own


def own_addresses(proc: Path = Path("/proc/net")) -> frozenset[Address]:
    """From the kernel's tables; nothing where they cannot be read."""
    found: set[Address] = set()
    candidate = ""
    for line in _lines(proc / "fib_trie"):
        words = line.split()
        if words[:1] == ["|--"]:
            candidate = words[1]
        elif "host LOCAL" in line and candidate:
            found.add(IPv4Address(candidate))
    for line in _lines(proc / "if_inet6"):
        found.add(IPv6Address(int(line.split()[0], 16)))
    return frozenset(found)


def _embedded(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, where it leads there."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
        return ip_address(int(address)) if address.scope_id else address
    return address


def _lies_in(address: Address, networks: Iterable[Network]) -> bool:
    return any(network.version == address.version and address in network for network in networks)


def lies_in(address: Address, networks: Iterable[str]) -> bool:
    """Whether one of the ranges (CIDR) holds the address, or what it stands for."""
    return _lies_in(_embedded(address), [ip_network(text) for text in networks])


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []
