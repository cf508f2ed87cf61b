"""A real sandbox with an interface, the egress of a town at its other end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from sandboxes.engine import Engine, EngineUnavailable, levels
from tests.sandboxes.egress.town import Town
from tests.sandboxes.engine.conftest import rooted, start, top
from tests.sandboxes.link.street import Street

__all__ = ["rooted", "start", "top"]


@pytest.fixture(scope="session")
def full() -> Engine:
    try:
        return levels.choose(allow_unisolated=False, allow_reduced=False)
    except EngineUnavailable as reason:
        pytest.skip(f"no isolation on this machine: {reason}")


@pytest.fixture
async def street(
    tmp_path: Path, full: Engine, start: Callable[..., object]
) -> AsyncIterator[Street]:
    town = Town(tmp_path)
    box = await asyncio.to_thread(start, full)
    yield Street(town, box)
    await town.close()
