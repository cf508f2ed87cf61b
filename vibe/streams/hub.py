"""One reader of Redis Streams per event loop, for any number of watchers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from uuid import uuid4
from weakref import WeakKeyDictionary

import redis

from vibe.streams.entries import Entry, entry_id, parse_range, parse_read
from vibe.streams.redis import async_client

logger = logging.getLogger(__name__)

BATCH = 200
QUEUE_BYTES = 8 * 1024 * 1024
RETRY_DELAYS = (0.05, 0.1, 0.2, 0.5, 1.0)
# What all watchers of a process are handed together: where many watch, it is less often and more.
HANDED_A_SECOND = 10_000
# So much at once says that more is coming: waiting would only slow it down.
HOT_BYTES = 32 * 1024


class SlowWatcher(Exception):
    """The watcher did not keep up and was dropped: it catches up from the database."""


class _Watcher:
    """What has come for one watcher and was not taken; woken with nothing after `idle` seconds."""

    def __init__(self, idle: float) -> None:
        self.ready = asyncio.Event()
        self._entries: list[Entry] = []
        self._size = 0
        self._overflowed = False
        self._idle = idle
        self._loop = asyncio.get_running_loop()
        self._heard = self._loop.time()
        # One timer that looks back costs less than one for each wait.
        self._timer = self._loop.call_later(idle, self._look_back)

    def push(self, entries: list[Entry], size: int) -> None:
        self._size += size
        if self._size > QUEUE_BYTES:
            self._overflowed = True
            self._entries.clear()
        else:
            self._entries.extend(entries)
        self.ready.set()

    def take(self) -> list[Entry]:
        if self._overflowed:
            raise SlowWatcher
        taken, self._entries, self._size = self._entries, [], 0
        self._heard = self._loop.time()
        self.ready.clear()
        return taken

    def close(self) -> None:
        self._timer.cancel()

    def _look_back(self) -> None:
        left = self._heard + self._idle - self._loop.time()
        if left <= 0:
            self.ready.set()
        self._timer = self._loop.call_later(left if left > 0 else self._idle, self._look_back)


class _Key:
    """One stream, and who watches it; `position` is how far it has been read."""

    def __init__(self, position: int) -> None:
        self.position = position
        self.watchers: set[_Watcher] = set()
        self._waiting: list[Entry] = []
        self._size = 0
        self._handed = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def add(self, entries: list[Entry], pause: float) -> None:
        """Hand out now, or when `pause` seconds have gone by since the last time."""
        self.position = max(self.position, entries[-1][0])
        self._waiting += entries
        self._size += sum(len(value) for _, fields in entries for value in fields.values())
        loop = asyncio.get_running_loop()
        left = self._handed + pause - loop.time()
        if left <= 0 or self._size >= HOT_BYTES:
            self._hand_out()
        elif self._timer is None:
            self._timer = loop.call_later(left, self._hand_out)

    def _hand_out(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._handed = asyncio.get_running_loop().time()
        entries, size = self._waiting, self._size
        self._waiting, self._size = [], 0
        for watcher in self.watchers:
            watcher.push(entries, size)


class Hub:
    """Follows every watched key with a single blocking XREAD and hands the entries out.

    The reader's set of keys changes by an entry in a wake-up stream of its own, so a change can
    never be lost between two reads (with CLIENT UNBLOCK it can).
    """

    def __init__(self) -> None:
        self._keys: dict[str, _Key] = {}
        self._watching = 0
        self._client = async_client()
        self._wake_key = f"hub:{uuid4().hex}"
        self._wakes = 0
        self._wake_position = 0
        self._reader: asyncio.Task[None] | None = None

    def position(self, key: str) -> int:
        """Number of the last entry of a watched key that has been read; 0 when nobody watches."""
        known = self._keys.get(key)
        return 0 if known is None else known.position

    async def watch(
        self, key: str, after: int, *, idle: float = 15.0
    ) -> AsyncGenerator[list[Entry], None]:
        """Yield the entries of `key` numbered above `after`, in order, each once.

        Yields an empty list after `idle` seconds of silence, so that the caller can look whether
        what it watches still lives. Raises SlowWatcher when the caller falls 8 MiB behind.
        """
        known = self._keys.get(key)
        is_new = known is None
        if known is None:
            known = self._keys[key] = _Key(after)
        watcher = _Watcher(idle)
        known.watchers.add(watcher)
        self._watching += 1
        position = after
        try:
            if is_new:
                await self._wake()
            if known.position > after:
                backlog = await self._backlog(key, after)
                if backlog:
                    position = backlog[-1][0]
                    yield backlog
            while True:
                await watcher.ready.wait()
                taken = watcher.take()
                fresh = [entry for entry in taken if entry[0] > position]
                if fresh:
                    position = fresh[-1][0]
                if fresh or not taken:
                    yield fresh
        finally:
            self._watching -= 1
            watcher.close()
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
            known.add(entries, self._watching / HANDED_A_SECOND)

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
