"""Which address stands for which name in one sandbox."""

from __future__ import annotations

import hashlib
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv4Network

# For measuring devices (RFC 2544): no host of the internet has one, and no sandbox reaches one.
RANGE = IPv4Network("198.18.0.0/15")
FIRST = 256  # those before are of the interface itself
MOST_NAMES = 4096
MOST_GIVEN_UP = 32_768
MOST_ATTEMPTS = 64
ANSWER_SECONDS = 60  # how long a program may keep what it was told
FRESH_SECONDS = 2.0 * ANSWER_SECONDS


class AddressBook:
    """Every name keeps its address for as long as there is room. When there is none, the name that
    was wanted the longest time ago goes, unless a connection is open there.

    Which address a name gets follows from the name, if that is free, so that it has the same one
    again when the book is lost, and what some program has kept does not come to mean
    another host. For the same reason an address that was given up waits for its own name.
    """

    def __init__(self, most: int = MOST_NAMES, fresh: float = FRESH_SECONDS) -> None:
        self._most = most
        self._fresh = fresh
        self._wanted: OrderedDict[str, float] = OrderedDict()  # the longest ago first
        self._addresses: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._given_up: OrderedDict[int, str] = OrderedDict()
        self._open: Counter[str] = Counter()

    def address_of(self, name: str) -> IPv4Address | None:
        """None when every address that there is room for is in use."""
        if name not in self._addresses and not self._make(name):
            return None
        self._want(name)
        return RANGE[self._addresses[name]]

    def name_of(self, address: IPv4Address) -> str | None:
        if address not in RANGE:
            return None
        return self._names.get(int(address) - int(RANGE.network_address))

    @contextmanager
    def in_use(self, name: str) -> Iterator[None]:
        """While a connection is open to it, nobody else gets its address."""
        self._open[name] += 1
        try:
            yield
        finally:
            self._open[name] -= 1
            if not self._open[name]:
                del self._open[name]
            if name in self._addresses:
                self._want(name)

    def __len__(self) -> int:
        return len(self._addresses)

    def _make(self, name: str) -> bool:
        if len(self._addresses) >= self._most and not self._forget_one():
            return False
        number = next((one for one in _from_name(name) if self._is_free(one, name)), None)
        if number is None:
            return False
        self._given_up.pop(number, None)
        self._addresses[name] = number
        self._names[number] = name
        return True

    def _is_free(self, number: int, name: str) -> bool:
        return number not in self._names and self._given_up.get(number, name) == name

    def _forget_one(self) -> bool:
        before = time.monotonic() - self._fresh
        for name, wanted in self._wanted.items():
            if wanted > before:
                return False
            if name not in self._open:
                number = self._addresses.pop(name)
                del self._names[number], self._wanted[name]
                self._given_up[number] = name
                if len(self._given_up) > MOST_GIVEN_UP:
                    self._given_up.popitem(last=False)
                return True
        return False

    def _want(self, name: str) -> None:
        self._wanted[name] = time.monotonic()
        self._wanted.move_to_end(name)


def _from_name(name: str) -> Iterator[int]:
    """Numbers of addresses to try, all over the range: names that are chosen to lie side by side
    make nobody search for long."""
    count = RANGE.num_addresses - 1 - FIRST
    for attempt in range(MOST_ATTEMPTS):
        digest = hashlib.blake2b(name.encode(), digest_size=8, salt=bytes([attempt])).digest()
        yield FIRST + int.from_bytes(digest) % count
