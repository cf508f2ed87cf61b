"""A flood waits for the database, its neighbours do not; output waits while Redis is away."""

from __future__ import annotations

import asyncio
import threading

import pytest
import redis

from sandboxes.output import live, rows
from sandboxes.output.live import Batch
from sandboxes.output.rows import BACKLOG, BACKLOG_OF_ONE, CommandRows, RowWriter

MB = 1024 * 1024


@pytest.fixture
async def stuck(monkeypatch):
    """A writer whose database takes nothing until the event is set."""
    goes_on = threading.Event()

    def store(chunks, trims, then):
        assert goes_on.wait(30)
        return then()

    monkeypatch.setattr(rows, "_store", store)
    writer = RowWriter()
    yield writer, goes_on
    goes_on.set()
    await writer.close()


def add(writer: RowWriter, command: CommandRows, size: int) -> None:
    begin = command.stored + command.waiting
    writer.add(command, Batch(command.command_id, begin, 1, b"x" * size))


async def waits(coroutine) -> bool:
    task = asyncio.create_task(coroutine)
    done, _ = await asyncio.wait({task}, timeout=0.1)
    if not done:
        task.cancel()
    return not done


async def test_a_flood_waits_until_its_output_is_stored(stuck):
    writer, goes_on = stuck
    flood = CommandRows("flood")
    assert not await waits(writer.room(flood))
    add(writer, flood, BACKLOG_OF_ONE + 1)
    assert await waits(writer.room(flood))
    goes_on.set()
    async with asyncio.timeout(30):
        await writer.room(flood)
    assert flood.stored == BACKLOG_OF_ONE + 1


async def test_a_neighbour_of_many_floods_goes_on(stuck):
    writer, _ = stuck
    floods = [CommandRows(f"flood{n}") for n in range(BACKLOG // MB + 1)]
    for flood in floods:
        add(writer, flood, MB)
    quiet = CommandRows("quiet")
    add(writer, quiet, 1000)
    assert await waits(writer.room(floods[0]))
    assert not await waits(writer.room(quiet))


@pytest.mark.parametrize(
    ("answer", "again"),
    [
        (b"5-0", False),
        (redis.ResponseError("The ID specified in XADD is equal or smaller than …"), False),
        (redis.BusyLoadingError("LOADING the dataset in memory"), True),
        (redis.OutOfMemoryError("command not allowed when used memory > 'maxmemory'"), True),
        (redis.ConnectionError("gone"), True),
    ],
)
async def test_an_append_is_repeated_only_when_redis_may_take_it_later(answer, again):
    future = asyncio.get_running_loop().create_future()
    append = (Batch("x", 0, 1, b"12345"), 0, future)
    assert live.settle([append], [answer]) == ([append] if again else [])
    assert future.done() is not again


async def test_an_append_that_can_never_work_is_told():
    future = asyncio.get_running_loop().create_future()
    assert live.settle([(Batch("x", 0, 1, b"1"), 0, future)], [redis.ResponseError("WRONG")]) == []
    with pytest.raises(redis.ResponseError):
        await future
