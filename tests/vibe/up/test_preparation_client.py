from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fixtures.platform import ROOT
from vibe.up.instance import CannotStart
from vibe.up.preparation_client import PreparationClient
from vibe.up.processes import Processes
from vibe.up.spawning import Program

pytestmark = [pytest.mark.asyncio, pytest.mark.slow]


def program(environment: dict[str, str]) -> Program:
    return Processes(ROOT, "127.0.0.1", 8000, environment).preparation()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
async def client(tmp_path: Path, said: list[str]) -> AsyncIterator[PreparationClient]:
    client = PreparationClient(program({"VIBE_DATA_DIR": str(tmp_path)}), said.append)
    yield client
    await client.stop()


async def test_it_prepares_in_another_process(client: PreparationClient, said: list[str]) -> None:
    await client.start()

    await client.call("migrate")
    link = await client.call("first_link", "http://127.0.0.1:8000")

    assert said[0].startswith("Updating the database: ")
    assert link.startswith("http://127.0.0.1:8000/sign-in/")


async def test_a_reason_not_to_start_is_passed_on(
    client: PreparationClient, tmp_path: Path
) -> None:
    client.program = program({**client.program.env, "REDIS_URL": "redis://127.0.0.1:1/0"})
    await client.start()

    with pytest.raises(CannotStart, match=r"Redis at 127\.0\.0\.1 does not answer"):
        await client.call("check_redis")


async def test_a_bad_setting_is_said_in_a_sentence(
    client: PreparationClient, said: list[str]
) -> None:
    client.program = program({**client.program.env, "VIBE_MAX_STEPS": "many"})
    await client.start()

    with pytest.raises(CannotStart):
        await client.call("migrate")

    assert said[0] == "A setting is wrong: VIBE_MAX_STEPS is 'many'; it must be a whole number."


async def test_a_stop_leaves_no_process(client: PreparationClient) -> None:
    await client.start()
    process = client._process
    assert process is not None

    await client.stop()

    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)
    with pytest.raises(CannotStart):
        await client.call("migrate")
