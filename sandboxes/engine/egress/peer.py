"""One side of an HTTP/1.1 conversation: h11 on a stream, with limits and time-outs."""

from __future__ import annotations

import asyncio
from typing import Any

import h11

from .answers import Refusal
from .relay import CHUNK, IDLE_SECONDS

MOST_HEAD = 32 * 1024
VERSIONS = (b"1.0", b"1.1")
NOT_UNDERSTOOD = "This is not a request that the proxy understands"


class HttpPeer:
    """`role` is what we are in it: h11.SERVER towards the sandbox, h11.CLIENT towards the host."""

    def __init__(
        self, role: type[h11.SERVER] | type[h11.CLIENT],
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter,
    ) -> None:  # fmt: skip
        self.connection = h11.Connection(role, max_incomplete_event_size=MOST_HEAD)
        self.reader = reader
        self.writer = writer

    async def head(self, seconds: float) -> h11.Request | None:
        """The next request, whole within `seconds`; None at the end. Raises Refusal."""
        try:
            async with asyncio.timeout(seconds):
                event = await self.event()
        except TimeoutError:
            raise Refusal(408, f"No whole request came within {seconds:.0f} s") from None
        except h11.RemoteProtocolError as error:
            status = error.error_status_hint if error.error_status_hint in (431, 501) else 400
            raise Refusal(status, NOT_UNDERSTOOD) from None
        if not isinstance(event, h11.Request):
            return None
        if event.http_version not in VERSIONS:  # of 2 this would be the preface, not a request
            raise Refusal(400, NOT_UNDERSTOOD)
        return event

    async def event(self) -> Any:
        """The next event of the other side, whatever it is. Raises RemoteProtocolError."""
        while True:
            event = self.connection.next_event()
            if event is not h11.NEED_DATA:
                return event
            async with asyncio.timeout(IDLE_SECONDS):
                data = await self.reader.read(CHUNK)
            self.connection.receive_data(data)

    async def send(self, event: Any) -> None:
        data = self.connection.send(event)
        if data:
            self.writer.write(data)
            async with asyncio.timeout(IDLE_SECONDS):
                await self.writer.drain()

    def trailing(self) -> bytes:
        """What came behind a CONNECT, or behind the answer that switched protocols."""
        return bytes(self.connection.trailing_data[0])
