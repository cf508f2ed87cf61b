"""Bytes both ways between two connections, until both directions have ended or nothing moves."""

from __future__ import annotations

import asyncio
import time

CHUNK = 64 * 1024
IDLE_SECONDS = 600.0

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Relay:
    def __init__(self, idle_seconds: float = IDLE_SECONDS) -> None:
        self._idle = idle_seconds
        self._moved = time.monotonic()

    async def run(self, near: Stream, far: Stream) -> None:
        """Returns when it is over; the connections are the caller's to close."""
        ways = {
            asyncio.create_task(self._copy(near[0], far[1])),
            asyncio.create_task(self._copy(far[0], near[1])),
        }
        waiting = ways
        try:
            while waiting and (left := self._moved + self._idle - time.monotonic()) > 0:
                done, waiting = await asyncio.wait(
                    waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED
                )
                if any(way.exception() is not None or not way.result() for way in done):
                    return
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Returns whether the other way may go on: TLS has no half-closed state."""
        while data := await reader.read(CHUNK):
            self._moved = time.monotonic()
            writer.write(data)
            await writer.drain()
            self._moved = time.monotonic()
        if not writer.can_write_eof():
            return False
        writer.write_eof()
        return True
