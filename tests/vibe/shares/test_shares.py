"""Places: each owner's share, the turn of the others, and how long anybody waits."""

from __future__ import annotations

import asyncio
import threading

import pytest

from vibe.refusal import Code
from vibe.shares import Busy, SharedThreads, Shares

pytestmark = pytest.mark.unit


async def test_an_owner_gets_his_share_and_no_more() -> None:
    shares = Shares("jobs", total=10, each=2, patience=0)

    await shares.take("alice")
    await shares.take("alice")

    with pytest.raises(Busy) as refused:
        await shares.take("alice")
    assert refused.value.code == Code.LIMIT
    assert refused.value.retry_after is not None
    await shares.take("bob")


async def test_when_others_hold_all_places_it_is_not_the_callers_limit() -> None:
    shares = Shares("jobs", total=1, each=1, patience=0)
    await shares.take("alice")

    with pytest.raises(Busy) as refused:
        await shares.take("bob")

    assert refused.value.code == Code.UNAVAILABLE


async def test_places_go_to_owners_in_turn_and_not_to_who_asked_most() -> None:
    shares = Shares("jobs", total=1, each=1)
    release = await shares.take("first")
    order: list[str] = []

    async def work(owner: str) -> None:
        async with shares.place(owner):
            order.append(owner)

    waiting = [asyncio.create_task(work("greedy")) for _ in range(3)]
    await asyncio.sleep(0)
    waiting.append(asyncio.create_task(work("modest")))
    await asyncio.sleep(0)
    release()
    await asyncio.gather(*waiting)

    assert order == ["greedy", "modest", "greedy", "greedy"]


async def test_who_waits_too_long_is_refused_and_waits_no_more() -> None:
    shares = Shares("jobs", total=1, each=1, patience=0.01)
    release = await shares.take("alice")

    with pytest.raises(Busy):
        await shares.take("bob")
    release()

    assert shares.held() == 0
    (await shares.take("bob"))()


async def test_more_than_may_wait_are_refused_at_once() -> None:
    shares = Shares("jobs", total=1, each=1, waiting=1, patience=60)
    await shares.take("alice")
    waiting = asyncio.create_task(shares.take("bob"))
    await asyncio.sleep(0)

    with pytest.raises(Busy):
        await shares.take("bob")
    waiting.cancel()


async def test_a_place_is_given_back_once_however_often_it_is_released() -> None:
    shares = Shares("jobs", total=2, each=2)
    release = await shares.take("alice")
    await shares.take("alice")

    release()
    release()

    assert shares.held("alice") == 1


async def test_who_is_cancelled_while_waiting_keeps_no_place() -> None:
    shares = Shares("jobs", total=1, each=1)
    release = await shares.take("alice")
    waiting = asyncio.create_task(shares.take("bob"))
    await asyncio.sleep(0)
    release()  # the place is his, and he is told in a moment
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)

    assert shares.held() == 0


def test_a_thread_waits_for_its_place() -> None:
    shares = Shares("jobs", total=1, each=1)
    release = shares.take_now("alice")
    done: list[str] = []
    waiting = threading.Thread(target=lambda: done.append(str(shares.take_now("bob"))))
    waiting.start()

    release()
    waiting.join(5)

    assert done


async def test_a_thread_is_its_owners_until_the_work_has_ended_also_when_nobody_waits() -> None:
    threads = SharedThreads("test", Shares("jobs", total=2, each=1, patience=0))
    end = threading.Event()
    running = asyncio.create_task(threads.run("alice", end.wait, 10))
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    with pytest.raises(Busy):
        await threads.run("alice", int)
    assert await threads.run("bob", int) == 0
    end.set()
    threads.close()
