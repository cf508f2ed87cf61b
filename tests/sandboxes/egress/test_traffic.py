"""What goes between a sandbox and the outside is counted on its way."""

from __future__ import annotations

import asyncio

import pytest

from tests.fixtures.waiting import until_async
from tests.sandboxes.egress.town import Town, echo


async def through(town: Town, data: bytes) -> None:
    port = await town.site("api.test", echo)
    await town.open({"allow": [f"api.test:{port}"]})
    _, reader, writer = await town.tunnel(f"api.test:{port}")
    writer.write(data)
    writer.write_eof()
    assert await reader.read(-1) == data
    writer.close()


@pytest.mark.parametrize("size", [3, 3 << 20])
async def test_bytes_of_both_directions_are_told(town: Town, size: int) -> None:
    await through(town, b"\0" * size)
    await until_async(lambda: town.ingress >= size, "the count")
    assert (town.ingress, town.egress) == (size, size)


async def test_what_was_refused_counts_for_nothing(town: Town) -> None:
    await town.open("deny-all")
    assert "403" in await town.ask("CONNECT api.test:443 HTTP/1.1\nHost: api.test\n\n")
    await town.gateway.drop("box")
    assert (town.ingress, town.egress) == (0, 0)


async def test_what_is_under_way_when_the_sandbox_ends_counts(town: Town) -> None:
    port = await town.site("api.test", echo)
    await town.open({"allow": [f"api.test:{port}"]})
    _, reader, writer = await town.tunnel(f"api.test:{port}")
    writer.write(b"\0hello")
    async with asyncio.timeout(10):
        assert await reader.readexactly(6) == b"\0hello"
    await town.gateway.drop("box")
    assert (town.ingress, town.egress) == (6, 6)
    writer.close()
