"""Names to addresses, off the loop, with time-outs and a short memory."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

from .domains import Address, as_address

THREADS = 64
SECONDS = 10.0
KEPT_SECONDS = 30.0
KEPT = 4096

Lookup = Callable[[str], list[str]]


class NameUnknown(Exception):
    """The name has no address, or the answer took too long."""


class Resolver:
    """Asks this machine's resolver. `lookup` may be another blocking function, for tests."""

    def __init__(self, lookup: Lookup | None = None) -> None:
        self._lookup = lookup or _system_lookup
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="resolver")
        self._kept: dict[str, tuple[float, list[Address]]] = {}

    async def addresses(self, host: str) -> list[Address]:
        """Of a normalised name, or the address itself. Raises NameUnknown."""
        if address := as_address(host):
            return [address]
        now = time.monotonic()
        kept = self._kept.get(host)
        if kept and now - kept[0] < KEPT_SECONDS:
            return kept[1]
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(SECONDS):
                texts = await loop.run_in_executor(self._threads, self._lookup, host)
        except TimeoutError:
            raise NameUnknown(f"{host} could not be resolved in {SECONDS:.0f} s") from None
        except (OSError, UnicodeError):
            raise NameUnknown(f"{host} has no address") from None
        found = list(dict.fromkeys(ip_address(text.partition("%")[0]) for text in texts))
        if not found:
            raise NameUnknown(f"{host} has no address")
        if len(self._kept) >= KEPT:
            self._kept.clear()
        self._kept[host] = (now, found)
        return found

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _system_lookup(host: str) -> list[str]:
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]
