"""What a command writes reaches the stream in pieces that a person would expect."""

from __future__ import annotations

import asyncio
import os
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


async def test_a_line_and_its_end_go_out_together_though_written_apart(redis, stored, monkeypatch):
    (stdout, writes), (stderr, closed), (held, holds) = pipe(), pipe(), pipe()
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
    running = SimpleNamespace(
        command=COMMAND,
        stdout=stdout,
        stderr=stderr,
        inflight=[SimpleNamespace(read=held, write=holds)],
    )
    live, writer, scratch = LiveOutput(), RowWriter(), ScratchPipe()
    try:
        reading = OutputReader(running, live, writer, scratch, CommandRows(COMMAND))
        reading.on_output = lambda: os.close(writes)
        task = asyncio.create_task(reading.read())
        await asyncio.sleep(0)
        reading._readable(stdout)
        async with asyncio.timeout(30):
            await task
        assert [batch.data for batch in await live.after(COMMAND, 0)] == [b"a line\n"]
    finally:
        await writer.close()
        await live.close()
        scratch.close()
        for descriptor in (stdout, stderr, held, holds):
            os.close(descriptor)
    assert [bytes(chunk.data) for chunk in stored] == [b"a line\n"]
