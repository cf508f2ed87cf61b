"""Floods slow themselves down: their neighbours stay quick, the worker stays small."""

from __future__ import annotations

import asyncio
import json
import statistics
import struct
import threading
import time

import pytest

from tests.benchmarks.memory import resident_mb
from tests.fixtures.length import length
from tests.fixtures.platform import Client, Platform
from tests.fixtures.running import log_socket

pytestmark = [pytest.mark.sandbox, pytest.mark.battery, pytest.mark.alone]

FLOODS = 4
LINES = length(150, 400)
FLOOD = length(120, 1000) * 1_000_000
HEADER = struct.Struct(">QBQ")
TICK = "import time\nfor i in range({lines}): print(time.time(), flush=True); time.sleep(0.02)"


@pytest.fixture(scope="module")
def sandbox(program: Client) -> str:
    found = program("POST", "sandboxes", {})["id"]
    while program("GET", f"sandboxes/{found}")["status"] != "running":
        time.sleep(0.02)
    return found


def run(program: Client, sandbox: str, *words: str) -> str:
    body = {"command": words[0], "args": list(words[1:]), "background": True}
    return program("POST", f"sandboxes/{sandbox}/commands", body)["id"]


def ticks(platform: Platform, program: Client, sandbox: str, cookie: str) -> list[float]:
    """Seconds from the print of each line to its arrival at a socket."""
    command = run(program, sandbox, "python3", "-c", TICK.format(lines=LINES))
    delays: list[float] = []

    async def watch() -> None:
        rest = b""
        async with log_socket(platform, command, cookie) as socket:
            async for frame in socket:
                if isinstance(frame, str):
                    if json.loads(frame)["type"] == "end":
                        return
                    continue
                now = time.time()
                *lines, rest = (rest + frame[HEADER.size :]).split(b"\n")
                delays.extend(now - float(line) for line in lines)

    asyncio.run(watch())
    return delays


class Peak(threading.Thread):
    """The most memory that a process took while the block ran."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.mb, self.ended = pid, 0.0, threading.Event()

    def run(self) -> None:
        while not self.ended.wait(0.2):
            self.mb = max(self.mb, resident_mb(self.pid))

    def __enter__(self) -> Peak:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.ended.set()
        self.join()


def test_a_neighbour_of_floods_loses_nothing_and_hardly_waits(platform, program, sandbox, cookie):
    alone = ticks(platform, program, sandbox, cookie)
    with Peak(platform.child("worker sandboxes")) as peak:
        floods = [run(program, sandbox, "yes", "a flood " * 12) for _ in range(FLOODS)]
        time.sleep(1)
        beside = ticks(platform, program, sandbox, cookie)
        for flood in floods:
            program("POST", f"commands/{flood}/stop")
    median, other = statistics.median(alone), statistics.median(beside)
    print(f"\nline → socket: {median * 1000:.0f} ms alone, {other * 1000:.0f} ms beside {FLOODS} "
          f"floods; the worker took at most {peak.mb:.0f} MB")  # fmt: skip
    assert len(beside) == LINES
    assert peak.mb < 400
    assert other < 2


def test_a_flood_without_a_line_end_is_counted_and_its_ends_are_kept(platform, program, sandbox):
    with Peak(platform.child("worker sandboxes")) as peak:
        start = time.monotonic()
        script = f"printf head; head -c {FLOOD} /dev/zero | tr '\\0' x; printf tail"
        command = run(program, sandbox, "sh", "-c", script)
        while (row := program("GET", f"commands/{command}"))["status"] != "finished":
            assert time.monotonic() - start < 600
            time.sleep(0.5)
        took = time.monotonic() - start
    kept = row["log_size"] - row["dropped_bytes"]
    print(f"\n{FLOOD:,} bytes in {took:.0f} s ({FLOOD / took / 1e6:.0f} MB/s), "
          f"kept {kept:,}; the worker took at most {peak.mb:.0f} MB")  # fmt: skip
    assert row["log_size"] == FLOOD + 8
    assert 0 < kept < 100_000_000
    assert peak.mb < 400
    assert program.raw(command, f"until={4 + 2}") == b"headxx"
    assert program.raw(command, f"after={FLOOD + 2}") == b"xxtail"
