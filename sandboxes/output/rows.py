"""Output on its way into the database: rows of all commands of this process share transactions."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection, transaction

from sandboxes.models import LogChunk
from sandboxes.output.insert import NewChunk, insert
from sandboxes.output.lines import LineCounter
from sandboxes.output.live import Batch

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 0.25
FLUSH_BYTES = 256 * 1024
ROW_BYTES = 256 * 1024
RETRY_SECONDS = 0.5
# What may wait for the database: of one command, and of all together. When all together wait for
# more, only those hold still that have more than their fair share in it.
BACKLOG_OF_ONE = 2 * 1024 * 1024
BACKLOG = 32 * 1024 * 1024
FAIR_SHARE = 64 * 1024

Result = TypeVar("Result")


@dataclass
class CommandRows:
    """How far the rows of one command have come; `waiting` bytes are on their way into them."""

    command_id: str
    stored: int = 0
    waiting: int = 0
    dropped: int = 0
    lines: LineCounter = field(default_factory=LineCounter)


class RowWriter:
    """Collects batches and writes them every 250 ms or 256 KiB, in one transaction.

    All database work of the worker process goes through its one thread: SQLite has one writer,
    and waiting for one's turn here is cheaper than in SQLite's busy handler.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="database")
        self._batches: list[tuple[CommandRows, Batch]] = []
        self._size = 0
        self._backlog = 0
        self._stored = asyncio.Event()
        self._due = asyncio.Event()
        self._writing = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._task = self._loop.create_task(self._run(), name="row writer")

    async def call(self, function: Callable[..., Result], *args: Any) -> Result:
        """Run a service function in the database thread."""
        return await self._loop.run_in_executor(self._thread, _with_connection, function, args)

    async def room(self, rows: CommandRows) -> None:
        """Return when the command may add more: a flood waits here, and so does its pipe."""
        while self.is_full_for(rows):
            self._stored.clear()
            await self._stored.wait()

    def is_full_for(self, rows: CommandRows) -> bool:
        """Whether the command has to wait before it adds more."""
        return rows.waiting > BACKLOG_OF_ONE or (
            self._backlog > BACKLOG and rows.waiting > FAIR_SHARE
        )

    def add(self, rows: CommandRows, batch: Batch) -> None:
        rows.waiting += len(batch.data)
        self._backlog += len(batch.data)
        self._batches.append((rows, batch))
        self._size += len(batch.data)
        if self._size >= FLUSH_BYTES:
            self._due.set()
        elif self._timer is None:
            self._timer = self._loop.call_later(FLUSH_SECONDS, self._due.set)

    async def flush(self) -> None:
        """Return when everything added so far is in the database."""
        await self.flush_and(_nothing)

    async def flush_and(self, then: Callable[[], Result]) -> Result:
        """Flush, and call `then` in the same transaction."""
        async with self._writing:
            batches, self._batches, self._size = self._batches, [], 0
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            self._due.clear()
            chunks = _chunks(batches)
            trims = _trims({rows.command_id: (rows, batch.end) for rows, batch in batches})
            while True:
                try:
                    result = await self.call(_store, chunks, trims, then)
                    break
                except (DatabaseError, InterfaceError):
                    logger.exception("output could not be stored; trying again")
                    await asyncio.sleep(RETRY_SECONDS)
            for rows, batch in batches:
                rows.stored = max(rows.stored, batch.end)
                rows.waiting -= len(batch.data)
                self._backlog -= len(batch.data)
            self._stored.set()
            return result

    async def close(self) -> None:
        self._task.cancel()
        await self.flush()
        self._thread.shutdown()

    async def _run(self) -> None:
        while True:
            await self._due.wait()
            await self.flush()


def _with_connection(function: Callable[..., Result], args: tuple[Any, ...]) -> Result:
    # SQLite's connection cannot get lost, and opening it anew costs more than most queries.
    if connection.vendor != "sqlite":
        close_old_connections()
    return function(*args)


def _chunks(batches: list[tuple[CommandRows, Batch]]) -> list[NewChunk]:
    """Rows of the batches; neighbours of one stream become one row."""
    open_rows: dict[str, NewChunk] = {}
    chunks: list[NewChunk] = []
    for rows, batch in batches:
        first, ends = rows.lines.feed(batch.data)
        chunk = open_rows.get(batch.command_id)
        if (
            chunk is not None
            and chunk.stream == batch.stream
            and chunk.offset + len(chunk.data) == batch.offset
            and len(chunk.data) + len(batch.data) <= ROW_BYTES
        ):
            chunk.data += batch.data
            chunk.line_count += ends
            continue
        chunk = NewChunk(
            command_id=batch.command_id,
            stream=batch.stream,
            offset=batch.offset,
            first_line=first,
            line_count=ends,
            data=batch.data,
            written_at=datetime.fromtimestamp(batch.at, UTC) if batch.at else None,
        )
        open_rows[batch.command_id] = chunk
        chunks.append(chunk)
    return chunks


def _trims(commands: dict[str, tuple[CommandRows, int]]) -> dict[str, tuple[int, int]]:
    """{command: (head, tail)}: rows between these offsets are beyond the cap and may go.

    `commands` gives for each command the offset at which its newest batch ends.
    """
    half = settings.COMMAND_LOG_LIMIT // 2
    trims: dict[str, tuple[int, int]] = {}
    for rows, end in commands.values():
        # In steps of an eighth, so that a command above its cap is not trimmed at each flush.
        if end - rows.dropped > settings.COMMAND_LOG_LIMIT * 9 // 8:
            trims[rows.command_id] = (half, end - half)
            rows.dropped = end - 2 * half
    return trims


def _nothing() -> None:
    """A flush with nothing after it."""


@transaction.atomic
def _store(
    chunks: list[NewChunk], trims: dict[str, tuple[int, int]], then: Callable[[], Result]
) -> Result:
    if chunks:
        # A repeated try after an unclear failure finds its rows there: the offset is unique.
        insert(chunks)
    for command_id, (head, tail) in trims.items():
        LogChunk.objects.filter(
            command_id=command_id, offset__gte=head, offset__lt=tail - ROW_BYTES
        ).delete()
    return then()
