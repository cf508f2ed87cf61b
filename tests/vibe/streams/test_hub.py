from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest
import redis

from tests.fixtures.waiting import until_async
from vibe.streams import hub as module
from vibe.streams.entries import entry_id
from vibe.streams.hub import Hub, SlowWatcher
from vibe.streams.redis import async_client


@pytest.fixture
async def hub():
    hub = Hub()
    yield hub
    await hub.close()


@pytest.fixture
async def client():
    client = async_client()
    yield client
    await client.aclose()


async def add(client, key: str, number: int, data: bytes = b"x") -> None:
    await client.xadd(key, {"d": data}, entry_id(number))


async def blocked_readers(client) -> int:
    """Connections that wait for entries."""
    return (await client.info("clients"))["blocked_clients"]


async def collect(hub: Hub, key: str, after: int, count: int) -> list[int]:
    seen: list[int] = []
    async with asyncio.timeout(20):
        async with aclosing(hub.watch(key, after)) as watching:
            async for entries in watching:
                seen += [number for number, _ in entries]
                if len(seen) >= count:
                    return seen
    raise AssertionError("the watch ended")


async def test_a_watcher_gets_what_was_there_and_what_comes(hub, client):
    await add(client, "k", 1)
    watching = asyncio.create_task(collect(hub, "k", 0, 3))
    await asyncio.sleep(0)
    await add(client, "k", 2)
    await add(client, "k", 3)
    assert await watching == [1, 2, 3]


async def test_a_late_watcher_of_a_followed_key_gets_the_backlog_once(hub, client):
    first = asyncio.create_task(collect(hub, "k", 0, 4))
    await add(client, "k", 1)
    await add(client, "k", 2)
    await until_async(lambda: hub.position("k") == 2)
    second = asyncio.create_task(collect(hub, "k", 0, 4))
    await add(client, "k", 3)
    await add(client, "k", 4)
    assert await first == await second == [1, 2, 3, 4]


async def test_a_key_added_while_the_reader_blocks_is_read_at_once(hub, client):
    first = asyncio.create_task(collect(hub, "a", 0, 1))
    await until_async(lambda: blocked_readers(client))  # inside XREAD BLOCK 5000
    await add(client, "b", 1)
    async with asyncio.timeout(2):
        assert await collect(hub, "b", 0, 1) == [1]
    await add(client, "a", 1)
    await first


async def test_a_watcher_that_does_not_keep_up_is_told_to_catch_up(hub, client, monkeypatch):
    monkeypatch.setattr(module, "QUEUE_BYTES", 1000)
    async with aclosing(hub.watch("k", 0)) as watching:
        step = asyncio.create_task(anext(watching))
        await asyncio.sleep(0)
        await add(client, "k", 1)
        await step
        for number in range(2, 5):
            await add(client, "k", number, b"x" * 600)
        await until_async(lambda: hub.position("k") == 4)
        with pytest.raises(SlowWatcher):
            while True:
                await anext(watching)


async def test_120_watchers_of_one_hub_all_see_everything(hub, client):
    watchers = [asyncio.create_task(collect(hub, f"k{n % 40}", 0, 5)) for n in range(120)]
    for number in range(1, 6):
        for key in range(40):
            await add(client, f"k{key}", number)
    assert await asyncio.gather(*watchers) == [[1, 2, 3, 4, 5]] * 120


async def test_120_blocking_readers_share_one_pool(client):
    """redis-py 8 allows 100 connections unless told otherwise."""
    reads = [asyncio.create_task(client.xread({f"none{n}": "0-0"}, block=1500)) for n in range(120)]
    answers = await asyncio.gather(*reads)
    assert len(answers) == 120


async def test_a_read_may_block_longer_than_five_seconds(client):
    """redis-py 8 ends it after five unless told otherwise."""
    assert not await client.xread({"none": "0-0"}, block=6500)


async def test_the_reader_survives_lost_connections(hub, client):
    watching = asyncio.create_task(collect(hub, "k", 0, 2))
    await add(client, "k", 1)
    await until_async(lambda: hub.position("k") == 1)
    await client.client_kill_filter(_type="normal", skipme=True)

    async def added() -> bool:
        try:
            await add(client, "k", 2)
        except redis.ConnectionError:
            return False
        return True

    await until_async(added)
    assert await watching == [1, 2]


async def test_silence_is_told_after_a_while(hub):
    async with aclosing(hub.watch("k", 0, idle=0.05)) as watching:
        assert await anext(watching) == []


async def handed(hub: Hub, key: str, numbers: range) -> list[int]:
    """How many entries a watcher was handed each time, until it had the last."""
    counts: list[int] = []
    seen = 0
    async with asyncio.timeout(20), aclosing(hub.watch(key, 0)) as watching:
        async for entries in watching:
            counts.append(len(entries))
            seen += len(entries)
            if seen == len(numbers):
                return counts
    raise AssertionError("the watch ended")


async def one_by_one(
    hub: Hub, client, watching: asyncio.Task[list[int]], numbers: range, data: bytes = b"x"
) -> None:
    """Each is read by the hub before the next comes; after the last nobody may watch any more."""
    for number in numbers:
        await add(client, "k", number, data)
        await until_async(lambda n=number: watching.done() or hub.position("k") == n)


async def test_where_many_watch_each_is_handed_more_at_once(hub, client, monkeypatch):
    monkeypatch.setattr(module, "HANDED_A_SECOND", 1 / 0.3)  # one watcher counts as many
    numbers = range(1, 21)
    watching = asyncio.create_task(handed(hub, "k", numbers))
    await one_by_one(hub, client, watching, numbers)
    first, *rest = await watching
    assert first == 1  # what comes after a pause comes at once
    assert len(rest) < 10


async def test_much_at_once_is_not_held_back(hub, client, monkeypatch):
    monkeypatch.setattr(module, "HANDED_A_SECOND", 1 / 60)
    numbers = range(1, 6)
    watching = asyncio.create_task(handed(hub, "k", numbers))
    await one_by_one(hub, client, watching, numbers, b"x" * module.HOT_BYTES)
    assert sum(await watching) == len(numbers)
