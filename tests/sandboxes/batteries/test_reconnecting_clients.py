"""Forty clients that join and drop at random, while the stream is trimmed away."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import aclosing

import pytest
from channels.db import database_sync_to_async
from django.db import connection

from sandboxes.output import replay
from sandboxes.output.replay import End, Piece, follow
from sandboxes.services import commands
from tests.fixtures.length import SECONDS
from vibe.streams.redis import async_client

pytestmark = [pytest.mark.sandbox, pytest.mark.battery]

CLIENTS = 40
SCRIPT = """
import random, sys, time
dice, n, end = random.Random(1), 0, time.monotonic() + {seconds}
while time.monotonic() < end:
    for _ in range(dice.choice((1, 1, 3, 200))):
        stream = sys.stderr if dice.random() < 0.1 else sys.stdout
        stream.write(f"line {{n}} " + "x" * dice.randrange(80) + "\\n"); stream.flush(); n += 1
    time.sleep(dice.random() * 0.06)
"""


class Client:
    """Reads with a cursor, drops at any moment, comes back."""

    def __init__(self, command_id: str, seed: int) -> None:
        self.command_id = command_id
        self.dice = random.Random(seed)
        self.data = bytearray()
        self.connections = 0

    async def run(self) -> None:
        await asyncio.sleep(self.dice.random() * SECONDS / 8)
        while not await self._connection(0.05 + self.dice.random() * 1.2):
            await asyncio.sleep(self.dice.random() * 0.3)

    async def _connection(self, seconds: float) -> bool:
        """Whether the end was heard; a drop cuts it off wherever it is."""
        self.connections += 1
        try:
            async with asyncio.timeout(seconds), aclosing(self._items()) as items:
                async for item in items:
                    if isinstance(item, End):
                        return True
                    assert isinstance(item, Piece)
                    assert item.offset == len(self.data)
                    self.data += item.data
        except TimeoutError:
            pass
        return False

    def _items(self):
        return follow(self.command_id, len(self.data))


async def trim(command_id: str, stopped: asyncio.Event) -> int:
    """Take the stream away again and again, wholly."""
    client, trims = async_client(), 0
    while not stopped.is_set():
        trims += bool(await client.xtrim(f"log:{command_id}", maxlen=0, approximate=False))
        await asyncio.sleep(0.37)
    await client.aclose()
    return trims


async def test_every_client_has_every_byte_once(sandbox):
    words = ["-c", SCRIPT.format(seconds=SECONDS)]
    command = await database_sync_to_async(commands.run)(sandbox, "python3", words)
    clients = [Client(command.id, seed) for seed in range(CLIENTS)]
    stopped = asyncio.Event()
    trimming = asyncio.create_task(trim(command.id, stopped))
    start = time.monotonic()
    await asyncio.gather(*(client.run() for client in clients))
    took = time.monotonic() - start
    stopped.set()
    trims = await trimming
    command = await database_sync_to_async(commands.wait)(command, 30)
    pieces = await database_sync_to_async(replay.read)(command, 0, 10**9)
    truth = b"".join(piece.data for piece in pieces)
    stdout = b"".join(piece.data for piece in pieces if piece.stream == 1)
    exact = sum(bytes(client.data) == truth for client in clients)
    joins = sum(client.connections for client in clients)
    print(f"\n{exact} of {CLIENTS} clients exact on {connection.vendor}: {len(truth):,} bytes, "
          f"{joins} connections, {trims} times trimmed to nothing, {took:.0f} s")  # fmt: skip
    assert exact == CLIENTS
    assert len(truth) == command.log_size
    # The truth itself: every number once and in order within its stream.
    numbers = [int(line.split()[1]) for line in stdout.splitlines()]
    assert numbers == sorted(set(numbers))
    assert trims > SECONDS // 2
    assert joins > CLIENTS * 3
