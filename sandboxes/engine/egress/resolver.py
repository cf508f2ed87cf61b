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
MOST_OF_ONE = 8  # look-ups at once of one sandbox, since none can be broken off
SECONDS = 10.0
KEPT_SECONDS = 30.0
KEPT = 4096

Lookup = Callable[[str], list[str]]


class NameUnknown(Exception):
    """The name has no address, or the answer took too long (`late`)."""

    def __init__(self, why: str, late: bool = False) -> None:
        super().__init__(why)
        self.late = late


class Resolver:
    """Asks this machine's resolver. `lookup` may be another blocking function, for tests."""

    def __init__(self, lookup: Lookup | None = None) -> None:
        self._lookup = lookup or _system_lookup
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="resolver")
        self._kept: dict[str, tuple[float, list[Address]]] = {}
        self._asked: dict[str, asyncio.Future[list[str]]] = {}

    async def addresses(self, host: str, places: asyncio.Semaphore) -> list[Address]:
        """Of a normalised name, or the address itself. Raises NameUnknown.

        A look-up takes one of the `places` of who asks until it is over, also when it is given up.
        """
        if address := as_address(host):
            return [address]
        now = time.monotonic()
        kept = self._kept.get(host)
        if kept and now - kept[0] < KEPT_SECONDS:
            return kept[1]
        try:
            async with asyncio.timeout(SECONDS):
                texts = await self._ask(host, places)
        except TimeoutError:
            why = f"{host} could not be resolved in {SECONDS:.0f} s"
            raise NameUnknown(why, late=True) from None
        except (OSError, UnicodeError):
            raise NameUnknown(f"{host} has no address") from None
        found = list(dict.fromkeys(ip_address(text.partition("%")[0]) for text in texts))
        if not found:
            raise NameUnknown(f"{host} has no address")
        if len(self._kept) >= KEPT:
            self.forget()
        self._kept[host] = (now, found)
        return found

    async def _ask(self, host: str, places: asyncio.Semaphore) -> list[str]:
        """Who asks for a name that is being looked up waits for the same answer."""
        answer = self._asked.get(host)
        if answer is None:
            await places.acquire()
            answer = self._asked.get(host)
            if answer is None:
                loop = asyncio.get_running_loop()
                answer = loop.run_in_executor(self._threads, self._lookup, host)
                self._asked[host] = answer
                answer.add_done_callback(lambda done: self._answered(host, done, places))
            else:
                places.release()
        return await asyncio.shield(answer)

    def _answered(
        self, host: str, answer: asyncio.Future[list[str]], places: asyncio.Semaphore
    ) -> None:
        del self._asked[host]
        places.release()
        if not answer.cancelled():
            answer.exception()  # whoever waited may have given up

    def forget(self) -> None:
        """What is remembered; whoever asks next gets what holds now."""
        self._kept.clear()

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _system_lookup(host: str) -> list[str]:
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]
