"""One reader of Redis Streams per event loop, for any number of watchers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from uuid import uuid4
from weakref import WeakKeyDictionary

import redis

from vibe.streams.entries import Entry, entry_id, parse_range, parse_read
from vibe.streams.redis import async_client

logger = logging.getLogger(__name__)

BATCH = 200
QUEUE_BYTES = 8 * 1024 * 1024
RETRY_DELAYS = (0.05, 0.1, 0.2, 0.5, 1.0)


class SlowWatcher(Exception):
    """The watcher did not keep up and was dropped: it catches up from the database."""


@dataclass(eq=False)
class _Watcher:
    entries: list[Entry] = field(default_factory=list)
    size: int = 0
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    overflowed: bool = False

    def push(self, entries: list[Entry]) -> None:
        self.size += sum(len(value) for _, fields in entries for value in fields.values())
        if self.size > QUEUE_BYTES:
            self.overflowed = True
            self.entries.clear()
        else:
            self.entries.extend(entries)
        self.ready.set()

    def take(self) -> list[Entry]:
        if self.overflowed:
            raise SlowWatcher
        taken, self.entries, self.size = self.entries, [], 0
        self.ready.clear()
        return taken


@dataclass(eq=False)
class _Key:
    position: int
    watchers: set[_Watcher] = field(default_factory=set)


class Hub:
    """Follows every watched key with a single blocking XREAD and hands the entries out.

    The reader's set of keys changes by an entry in a wake-up stream of its own, so a change can
    never be lost between two reads (with CLIENT UNBLOCK it can).
    """

    def __init__(self) -> None:
        self._keys: dict[str, _Key] = {}
        self._client = async_client()
        self._wake_key = f"hub:{uuid4().hex}"
        self._wakes = 0
        self._wake_position = 0
        self._reader: asyncio.Task[None] | None = None

    async def watch(
        self, key: str, after: int, *, idle: float = 15.0
    ) -> AsyncGenerator[list[Entry], None]:
        """Yield the entries of `key` numbered above `after`, in order, each once.

        Yields an empty list after `idle` seconds of silence, so that the caller can look whether
        what it watches still lives. Raises SlowWatcher when the caller falls 8 MiB behind.
        """
        watcher = _Watcher()
        known = self._keys.get(key)
        if known is None:
            known = self._keys[key] = _Key(after)
            known.watchers.add(watcher)
            await self._wake()
        else:
            known.watchers.add(watcher)
        position = after
        try:
            if known.position > after:
                backlog = await self._backlog(key, after)
                if backlog:
                    position = backlog[-1][0]
                    yield backlog
            while True:
                try:
                    async with asyncio.timeout(idle):
                        await watcher.ready.wait()
                except TimeoutError:
                    yield []
                    continue
                fresh = [entry for entry in watcher.take() if entry[0] > position]
                if fresh:
                    position = fresh[-1][0]
                    yield fresh
        finally:
            known.watchers.discard(watcher)
            if not known.watchers and self._keys.get(key) is known:
                del self._keys[key]

    async def _backlog(self, key: str, after: int) -> list[Entry]:
        for delay in (*RETRY_DELAYS, None):
            try:
                return parse_range(await self._client.xrange(key, min=entry_id(after + 1)))
            except redis.ConnectionError:
                if delay is None:
                    raise
                await asyncio.sleep(delay)
        return []

    async def _wake(self) -> None:
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._read(), name="stream hub")
            return
        # Without Redis the reader is not blocked: it retries and sees the new key by itself.
        self._wakes += 1
        with contextlib.suppress(redis.RedisError):
            await self._client.xadd(self._wake_key, {"w": "1"}, entry_id(self._wakes), maxlen=1)
            await self._client.expire(self._wake_key, 3600)

    async def _read(self) -> None:
        failures = 0
        while self._keys:
            positions = {key: entry_id(known.position) for key, known in self._keys.items()}
            positions[self._wake_key] = entry_id(self._wake_position)
            try:
                answer = await self._client.xread(positions, count=BATCH, block=5000)  # type: ignore[arg-type]
                for key, entries in parse_read(answer).items():
                    self._dispatch(key, entries)
                failures = 0
            except Exception as error:  # every watcher depends on this loop: it must go on
                if failures == 0:
                    logger.warning("Redis does not answer (%s); trying again", error)
                await asyncio.sleep(RETRY_DELAYS[min(failures, len(RETRY_DELAYS) - 1)])
                failures += 1
        self._reader = None

    def _dispatch(self, key: str, entries: list[Entry]) -> None:
        if not entries:
            return
        if key == self._wake_key:
            self._wake_position = entries[-1][0]
        elif known := self._keys.get(key):
            known.position = max(known.position, entries[-1][0])
            for watcher in known.watchers:
                watcher.push(entries)

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reader
        await self._client.aclose()


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]
