"""What goes between one sandbox and the outside, in bytes of what programs send and get."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

AT_MOST_EVERY = 0.25  # seconds; each time a row is written
AT_LEAST_EVERY = 15.0  # while something moves

Tell = Callable[[int, int], None]


class Traffic:
    """`tell(ingress, egress)` hears what has moved since it heard the last time."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._ingress = self._egress = 0
        self._told = time.monotonic() - AT_MOST_EVERY
        self._timer: asyncio.TimerHandle | None = None

    def moved(self, ingress: int = 0, egress: int = 0) -> None:
        self._ingress += ingress
        self._egress += egress
        if time.monotonic() - self._told > AT_LEAST_EVERY:
            self.settle()

    def settle(self) -> None:
        """A connection is over: tell, soon at the latest."""
        wait = self._told + AT_MOST_EVERY - time.monotonic()
        if wait <= 0:
            self.tell()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(wait, self.tell)

    def tell(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        ingress, egress, self._ingress, self._egress = self._ingress, self._egress, 0, 0
        if ingress or egress:
            self._told = time.monotonic()
            self._tell(ingress, egress)


class CountedReader(asyncio.StreamReader):
    def __init__(self, traffic: Traffic, limit: int) -> None:
        super().__init__(limit=limit, loop=asyncio.get_running_loop())
        self._traffic = traffic

    def feed_data(self, data: bytes) -> None:  # type: ignore[override]  # streams give bytes only
        self._traffic.moved(ingress=len(data))
        super().feed_data(data)


class CountedWriter(asyncio.StreamWriter):
    traffic: Traffic

    def write(self, data: bytes) -> None:  # type: ignore[override]  # as above
        self.traffic.moved(egress=len(data))
        super().write(data)


async def connected(
    address: str, port: int, traffic: Traffic, limit: int
) -> tuple[CountedReader, CountedWriter]:
    """As asyncio.open_connection; what moves is counted."""
    loop = asyncio.get_running_loop()
    reader = CountedReader(traffic, limit)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    transport, _ = await loop.create_connection(lambda: protocol, address, port)
    writer = CountedWriter(transport, protocol, reader, loop)
    writer.traffic = traffic
    return reader, writer
