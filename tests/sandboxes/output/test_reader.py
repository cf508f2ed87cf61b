"""What a command writes reaches the stream in pieces that a person would expect."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest

from sandboxes.models import LogChunk
from sandboxes.output import pipes, reader, rows
from sandboxes.output.live import LiveOutput
from sandboxes.output.pipes import ScratchPipe
from sandboxes.output.reader import OutputReader
from sandboxes.output.rows import CommandRows, RowWriter

COMMAND = "written-apart"


def pipe() -> tuple[int, int]:
    return os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)


@pytest.fixture
def stored(monkeypatch) -> list[LogChunk]:
    """The rows that would have been written: there is no command that they could belong to."""
    found: list[LogChunk] = []

    def store(chunks, trims, then):
        found.extend(chunks)
        return then()

    monkeypatch.setattr(rows, "_store", store)
    return found


@pytest.fixture
def descriptors() -> Iterator[tuple[int, ...]]:
    """Both ends of stdout, stderr and the in-flight pipe; a test closes the ends that write."""
    found = (*pipe(), *pipe(), *pipe())
    yield found
    stdout, _, stderr, _, held, holds = found
    for descriptor in (stdout, stderr, held, holds):
        os.close(descriptor)


@asynccontextmanager
async def reader_of(
    descriptors: tuple[int, ...],
) -> AsyncIterator[tuple[OutputReader, LiveOutput]]:
    stdout, _, stderr, _, held, holds = descriptors
    running = SimpleNamespace(
        command=COMMAND,
        stdout=stdout,
        stderr=stderr,
        inflight=[SimpleNamespace(read=held, write=holds)],
    )
    live, writer, scratch = LiveOutput(), RowWriter(), ScratchPipe()
    try:
        yield OutputReader(running, live, writer, scratch, CommandRows(COMMAND)), live
    finally:
        await writer.close()
        await live.close()
        scratch.close()


async def test_an_end_that_is_seen_twice_while_the_other_stream_is_stored_ends_the_reading(
    redis, stored, descriptors
):
    stdout, writes, stderr, closed, _, _ = descriptors
    os.write(writes, b"out\n")
    os.close(closed)
    async with reader_of(descriptors) as (reading, live):

        def seen_again() -> None:
            reading._readable(stderr)
            os.close(writes)

        reading.on_output = seen_again
        task = asyncio.create_task(reading.read())
        await asyncio.sleep(0)
        reading._readable(stdout)
        reading._readable(stderr)
        async with asyncio.timeout(30):
            await task
        assert [batch.data for batch in await live.after(COMMAND, 0)] == [b"out\n"]


async def test_a_line_and_its_end_go_out_together_though_written_apart(
    redis, stored, descriptors, monkeypatch
):
    stdout, writes, _, closed, _, _ = descriptors
    os.close(closed)
    move = pipes.add
    pieces = [b"a line", b"\n"]

    def add(source: int, in_flight: int) -> int | None:
        """Each look finds one more of the writes."""
        if source == stdout and pieces:
            os.write(writes, pieces.pop(0))
        return move(source, in_flight)

    monkeypatch.setattr(pipes, "add", add)
    monkeypatch.setattr(reader, "LINE_END_SECONDS", 0.0)
    async with reader_of(descriptors) as (reading, live):
        reading.on_output = lambda: os.close(writes)
        task = asyncio.create_task(reading.read())
        await asyncio.sleep(0)
        reading._readable(stdout)
        async with asyncio.timeout(30):
            await task
        assert [batch.data for batch in await live.after(COMMAND, 0)] == [b"a line\n"]
    assert [bytes(chunk.data) for chunk in stored] == [b"a line\n"]
