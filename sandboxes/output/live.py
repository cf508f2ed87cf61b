"""Output on its way into Redis: appends of all commands of this process share round trips."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from typing import Any

import redis
import redis.asyncio

from sandboxes.news.events import log_key
from sandboxes.output.pace import Pace
from vibe.streams.entries import Fields, entry_id, parse_range
from vibe.streams.redis import async_client

logger = logging.getLogger(__name__)

# What a reader may fetch without asking the database: of one command, and of all together.
KEEP_BYTES = 4 * 1024 * 1024
KEEP_LEAST = 64 * 1024
KEEP_TOTAL = 256 * 1024 * 1024
LIFETIME_AFTER_END = 300
RETRY_SECONDS = 0.2
FINISH_TRIES = 50
# Redis is away, is reading its file after a restart, or is full: output waits in its pipe.
TRANSIENT = (redis.ConnectionError, redis.TimeoutError, redis.OutOfMemoryError)


@dataclass(frozen=True)
class Batch:
    """A piece of output; `offset` is where it begins, `at` when it was read (seconds, Unix)."""

    command_id: str
    offset: int
    stream: int
    data: bytes
    at: float = 0.0

    @property
    def end(self) -> int:
        return self.offset + len(self.data)


Append = tuple[Batch, int, asyncio.Future[None]]


class LiveOutput:
    """Appends batches to `log:COMMAND`, whose entry ids are the offsets at which batches end.

    `append` returns when Redis has the batch; while Redis is away it waits for it, and the
    command's pipe fills up instead. An entry that is there already is not written twice.
    """

    def __init__(self) -> None:
        # Asked for once: each look at the running loop costs a system call.
        self._loop = asyncio.get_running_loop()
        self._client: redis.asyncio.Redis = async_client()
        self.pace = Pace()
        self._waiting: list[Append] = []
        self._sender: asyncio.Task[None] | None = None
        self._commands = 0

    def opened(self) -> None:
        """One more command writes: each may keep its share of the memory."""
        self._commands += 1

    def closed(self) -> None:
        self._commands -= 1

    async def append(self, batch: Batch, *, stored_up_to: int) -> None:
        """`stored_up_to`: offset below which the database has everything (may be trimmed)."""
        future: asyncio.Future[None] = self._loop.create_future()
        self._waiting.append((batch, stored_up_to, future))
        if self._sender is None:
            self._sender = self._loop.create_task(self._send(), name="live output")
        await future

    async def after(self, command_id: str, offset: int) -> list[Batch]:
        """The batches of a command that end above `offset`, as far as Redis holds them."""
        answer = await self._client.xrange(log_key(command_id), min=entry_id(offset + 1))
        return [
            Batch(
                command_id,
                int(fields[b"o"]),
                int(fields[b"s"]),
                fields[b"d"],
                read_at(fields),
            )
            for _, fields in parse_range(answer)
            if b"d" in fields
        ]

    async def finish(self, command_id: str, size: int) -> None:
        """Tell the readers that `size` bytes were all, and that the row says how it ended.

        Without Redis it gives up after a while: readers also look at the row.
        """
        key = log_key(command_id)
        for _ in range(FINISH_TRIES):
            try:
                with contextlib.suppress(redis.ResponseError):  # it is there from an earlier try
                    await self._client.xadd(key, {"end": "1"}, entry_id(size + 1))
                await self._client.expire(key, LIFETIME_AFTER_END)
                return
            except redis.ConnectionError as error:
                logger.warning("Redis does not take the end of %s (%s)", command_id, error)
                await asyncio.sleep(RETRY_SECONDS)

    async def close(self) -> None:
        if self._sender is not None:
            self._sender.cancel()
        await self._client.aclose()

    async def _send(self) -> None:
        try:
            while self._waiting:
                sending, self._waiting = self._waiting, []
                await self._execute(sending)
        finally:
            self._sender = None

    async def _execute(self, sending: list[Append]) -> None:
        keep = max(KEEP_LEAST, min(KEEP_BYTES, KEEP_TOTAL // max(1, self._commands)))
        while sending:
            try:
                async with self._client.pipeline(transaction=False) as pipeline:
                    for batch, stored_up_to, _ in sending:
                        oldest = max(0, min(stored_up_to, batch.end - keep))
                        trim = ("MINID", "~", entry_id(oldest)) if oldest else ()
                        # As it goes over the wire: for each line of each command, building it
                        # by `xadd` would take as long as sending it.
                        pipeline.execute_command(
                            *("XADD", log_key(batch.command_id), *trim, entry_id(batch.end)),
                            *("o", batch.offset, "s", batch.stream),
                            *("t", int(batch.at * 1000), "d", batch.data),
                        )
                    results: list[Any] = await pipeline.execute(raise_on_error=False)
            except redis.RedisError as error:
                results = [error] * len(sending)
            sending = settle(sending, results)
            if sending:
                await asyncio.sleep(RETRY_SECONDS)


def read_at(fields: Fields) -> float:
    """When the piece of an entry was read, in seconds; 0 where the entry does not say."""
    return int(fields.get(b"t", 0)) / 1000


def settle(sending: list[Append], results: list[Any]) -> list[Append]:
    """Answer the appends that are done; returns those that have to be tried again."""
    again: list[Append] = []
    for append, result in zip(sending, results, strict=True):
        future = append[2]
        if future.done():
            continue
        # "equal or smaller" answers a repeated append: an earlier try did reach Redis.
        if not isinstance(result, Exception) or "equal or smaller" in str(result):
            future.set_result(None)
        elif isinstance(result, TRANSIENT):
            again.append(append)
        else:
            future.set_exception(result)
    if again:
        logger.warning("Redis does not take output (%s); trying again", results[-1])
    return again
