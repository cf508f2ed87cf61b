"""Readers that come and go get every byte once."""

from __future__ import annotations

import asyncio
import random
from contextlib import aclosing

import pytest
from channels.db import database_sync_to_async

from sandboxes.output.replay import Dropped, End, Piece, follow, plain, read, text
from sandboxes.services import commands
from tests.fixtures.waiting import until_async
from vibe.streams.redis import sync_client

pytestmark = pytest.mark.sandbox

COUNT = "for i in $(seq 1 {n}); do echo line $i; {pause} done"


async def take(command_id: str, after: int = 0, drop_after: float | None = None):
    """(bytes, cursor, whether it ended), of one connection."""
    data, cursor = b"", after
    try:
        async with asyncio.timeout(drop_after or 30), aclosing(follow(command_id, after)) as items:
            async for item in items:
                if isinstance(item, End):
                    return data, cursor, True
                if isinstance(item, Piece):
                    assert item.offset == cursor
                    data += item.data
                cursor = item.end
    except TimeoutError:
        assert drop_after, "the output never ended"
    return data, cursor, False


async def reconnecting(command_id: str, seed: int) -> bytes:
    dice = random.Random(seed)
    await asyncio.sleep(dice.random())
    data, cursor, ended = b"", 0, False
    while not ended:
        piece, cursor, ended = await take(command_id, cursor, 0.02 + dice.random() * 0.4)
        data += piece
    return data


@pytest.mark.parametrize("trimmed", [False, True], ids=["stream kept", "stream lost"])
async def test_readers_that_reconnect_at_random_get_every_byte_once(sandbox, trimmed):
    script = COUNT.format(n=300, pause="sleep 0.005;")
    command = await database_sync_to_async(commands.run)(sandbox, "sh", ["-c", script])
    readers = [asyncio.create_task(reconnecting(command.id, seed)) for seed in range(20)]
    if trimmed:
        stream = f"log:{command.id}"
        await until_async(lambda: sync_client().xlen(stream) >= 10, "output in the stream")
        sync_client().delete(stream)
    truth = "".join(f"line {i}\n" for i in range(1, 301)).encode()
    assert set(await asyncio.gather(*readers)) == {truth}


async def test_a_finished_command_is_read_from_its_rows(sandbox):
    command = await database_sync_to_async(commands.run)(sandbox, "seq", ["1", "2000"])
    await database_sync_to_async(commands.wait)(command, 15)
    sync_client().flushall()
    data, cursor, ended = await take(command.id)
    assert (data.count(b"\n"), cursor, ended) == (2000, len(data), True)


async def test_output_comes_while_the_command_runs(sandbox):
    command = await database_sync_to_async(commands.run)(sandbox, "sh", ["-c", "echo a; sleep 20"])
    async with asyncio.timeout(10), aclosing(follow(command.id)) as items:
        assert (await anext(items)).data == b"a\n"
    await database_sync_to_async(commands.stop)(command)


async def test_a_reader_of_a_silent_command_hears_its_end(sandbox):
    command = await database_sync_to_async(commands.run)(sandbox, "sleep", ["0.3"])
    assert await take(command.id) == (b"", 0, True)


def test_of_more_output_than_the_cap_start_and_end_are_kept(sandbox, settings):
    settings.COMMAND_LOG_LIMIT = 2 * 1024 * 1024
    command = commands.run(sandbox, "sh", ["-c", "seq 1 2000000"])
    command = commands.wait(command, 30)
    pieces = read(command, limit_bytes=10**9)
    assert command.dropped_bytes > 0
    assert command.log_size == sum(len(str(i)) + 1 for i in range(1, 2_000_001))
    assert pieces[0].data.startswith(b"1\n2\n")
    assert pieces[-1].data.endswith(b"1999999\n2000000\n")
    kept = sum(len(piece.data) for piece in pieces)
    assert kept + command.dropped_bytes == command.log_size
    assert kept < 4 * 1024 * 1024


async def test_a_reader_is_told_how_much_is_left_out(sandbox, settings):
    settings.COMMAND_LOG_LIMIT = 1024 * 1024
    command = await database_sync_to_async(commands.run)(
        sandbox, "sh", ["-c", "yes 0123456789 | head -c 8000000"]
    )
    command = await database_sync_to_async(commands.wait)(command, 30)
    seen = dropped = 0
    async with aclosing(follow(command.id)) as items:
        async for item in items:
            if isinstance(item, Piece):
                seen += len(item.data)
            elif isinstance(item, Dropped):
                dropped += item.size
    assert (seen + dropped, dropped) == (8_000_000, command.dropped_bytes)


def test_lines_are_numbered_through_all_chunks(sandbox):
    command = commands.wait(commands.run(sandbox, "seq", ["1", "50000"]), 15)
    chunks = list(command.chunks.order_by("offset"))
    line = 1
    for chunk in chunks:
        assert chunk.first_line == line
        line += chunk.line_count
    assert (line - 1, command.line_count) == (50_000, 50_000)


def test_text_leaves_out_the_middle_and_says_so(sandbox):
    command = commands.wait(commands.run(sandbox, "seq", ["1", "50000"]), 15)
    shortened = text(command, 1000)
    assert shortened.startswith("1\n2\n")
    assert shortened.endswith("50000\n")
    assert "bytes left out" in shortened
    assert len(shortened) < 1100


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"\x1b[31mred\x1b[0m", "red"),
        (b"\x1b]0;title\x07x", "x"),
        (b"a\r\nb", "a\nb"),
        (b"\xff", "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_text_has_no_terminal_codes(raw, shown):
    assert plain(raw) == shown
