"""Names whose servers never answer hold up the sandbox that asks for them, and no other."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from sandboxes.engine.egress.resolver import MOST_OF_ONE, THREADS
from tests.fixtures.waiting import until_async
from tests.sandboxes.egress.town import PATIENCE, Town, echo


@pytest.fixture
def silent(town: Town) -> Iterator[threading.Event]:
    """Names below slow.test are not answered before this is set."""
    answered = threading.Event()
    known = town._lookup

    def look_up(name: str) -> list[str]:
        if name.endswith(".slow.test"):
            town.lookups.append(name)
            answered.wait()
            raise OSError("unknown")
        return known(name)

    town.gateway.dialler.resolver._lookup = look_up
    yield answered
    answered.set()


def slow(town: Town) -> list[str]:
    return [name for name in town.lookups if name.endswith(".slow.test")]


async def test_a_sandbox_that_asks_for_many_of_them_leaves_others_their_look_ups(
    town: Town, silent: threading.Event, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("sandboxes.engine.egress.resolver.SECONDS", 0.2)
    port = await town.site("good.test", echo)
    greedy = await town.open({"allow": ["*.slow.test"]}, name="greedy")
    modest = await town.open(name="modest")
    names = [f"n{number}.slow.test" for number in range(THREADS + 10)]
    async with asyncio.timeout(PATIENCE):  # all are given up, and answered in words
        asked = (town.ask(f"CONNECT {name}:443 HTTP/1.1\nHost: x\n\n", greedy) for name in names)
        assert all("could not be resolved" in answer for answer in await asyncio.gather(*asked))
        status, _, _ = await town.tunnel(f"good.test:{port}", modest)
    assert " 200 " in status
    assert len(slow(town)) == MOST_OF_ONE
    silent.set()
    await until_async(lambda: not town.gateway.dialler.resolver._asked)
    assert town.gateway.outlets["greedy"].look_ups._value == MOST_OF_ONE


async def test_a_name_that_many_ask_for_is_looked_up_once(town: Town, silent: threading.Event):
    await town.open({"allow": ["*.slow.test"]})
    asking = [
        asyncio.create_task(town.ask("CONNECT one.slow.test:443 HTTP/1.1\nHost: x\n\n"))
        for _ in range(20)
    ]
    await until_async(lambda: len(town.gateway.outlets["box"]._passages) == 20)
    await until_async(lambda: slow(town))
    silent.set()
    async with asyncio.timeout(PATIENCE):
        answers = await asyncio.gather(*asking)
    assert all("one.slow.test has no address" in answer for answer in answers)
    assert slow(town) == ["one.slow.test"]
