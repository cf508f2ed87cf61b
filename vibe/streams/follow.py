"""Several event streams read as one, for a consumer that serves a whole page."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator

from vibe.streams.hub import hub
from vibe.streams.stream import Event, decode

Batch = tuple[str, list[tuple[int, Event]]]
Batches = AsyncGenerator[list[tuple[int, Event]], None]


class Followers:
    """Yields (key, events) of every followed stream; (key, []) tells of a silence.

    An error of any of them (SlowWatcher, redis.ConnectionError) is raised to the reader.
    """

    def __init__(self) -> None:
        # A reader that does not keep up stops the followers, and the hub then drops them.
        self._queue: asyncio.Queue[Batch | Exception] = asyncio.Queue(maxsize=16)
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def follow(self, key: str, after: int) -> None:
        """Read `key` from the event after number `after` on."""
        self.add(key, _events(key, after))

    def add(self, key: str, batches: Batches) -> None:
        """Read any other source of events along with the streams, under a name of its own."""
        self._tasks[key] = asyncio.create_task(self._read(key, batches), name=f"follow {key}")

    async def leave(self, key: str) -> None:
        """Read `key` no more; what is already taken from it may still come."""
        task = self._tasks.pop(key, None)
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def close(self) -> None:
        for key in list(self._tasks):
            await self.leave(key)

    async def __aiter__(self) -> AsyncIterator[Batch]:
        while True:
            item = await self._queue.get()
            if isinstance(item, Exception):
                raise item
            if item[0] in self._tasks:
                yield item

    async def _read(self, key: str, batches: Batches) -> None:
        try:
            async with contextlib.aclosing(batches):
                async for events in batches:
                    await self._queue.put((key, events))
        except Exception as error:
            await self._queue.put(error)


async def _events(key: str, after: int) -> Batches:
    async with contextlib.aclosing(hub().watch(key, after)) as batches:
        async for entries in batches:
            yield decode(entries)
