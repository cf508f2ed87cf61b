"""From a line that a command prints to a client's socket."""

from __future__ import annotations

import asyncio
import json
import statistics
import struct
import subprocess
import time

import pytest

from tests.fixtures.platform import Client, Platform
from tests.fixtures.running import log_socket

pytestmark = pytest.mark.benchmark
HEADER = struct.Struct(">QBQ")
PRINT_TIMES = (
    "import time\n"
    "for i in range({count}):\n"
    "    print(time.time(), flush=True)\n"
    "    time.sleep({pause})\n"
)


@pytest.fixture(scope="module")
def sandbox(program: Client) -> str:
    found = program("POST", "sandboxes", {})["id"]
    while program("GET", f"sandboxes/{found}")["status"] != "running":
        time.sleep(0.02)
    return found


def run(program: Client, sandbox: str, *words: str) -> str:
    body = {"command": words[0], "args": list(words[1:])}
    return program("POST", f"sandboxes/{sandbox}/commands", body)["id"]


async def receive(platform: Platform, command: str, cookie: str, on_bytes) -> None:
    async with log_socket(platform, command, cookie) as socket:
        async for frame in socket:
            if isinstance(frame, str):
                if json.loads(frame)["type"] == "end":
                    return
            else:
                on_bytes(frame[HEADER.size :])


def delays(platform, program, sandbox, cookie, count: int, pause: float) -> list[float]:
    """Seconds from the print of each line to its arrival."""
    command = run(program, sandbox, "python3", "-c", PRINT_TIMES.format(count=count, pause=pause))
    found: list[float] = []
    rest = b""

    def take(data: bytes) -> None:
        nonlocal rest
        now = time.time()
        *lines, rest = (rest + data).split(b"\n")
        found.extend(now - float(line) for line in lines)

    asyncio.run(receive(platform, command, cookie, take))
    assert len(found) == count
    return found


def pipe_delays(count: int, pause: float) -> list[float]:
    found = []
    script = PRINT_TIMES.format(count=count, pause=pause)
    with subprocess.Popen(["python3", "-c", script], stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            found.append(time.time() - float(line))
    return found


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


@pytest.mark.parametrize(
    ("name", "count", "pause", "bar"),
    [("idle", 150, 0.04, "≤ 10 ms"), ("1,000 lines/s", 5000, 0.001, "≤ 50 ms")],
)
def test_a_line(platform, program, sandbox, cookie, table, name, count, pause, bar):
    ours = p95(delays(platform, program, sandbox, cookie, count, pause))
    bare = p95(pipe_delays(count, pause))
    table.add(
        f"line printed → browser's socket, p95, {name}",
        f"{ours * 1000:.1f} ms",
        bar,
        f"bare pipe {bare * 1000:.2f} ms",
        f"{ours / bare:.0f}×",
    )


def test_100_000_lines(platform, program, sandbox, cookie, table):
    words = ("python3", "-c", "for i in range(100_000): print(f'{i:06} ' + 'x' * 61)")
    ours, bare = [], []
    for _ in range(5):
        size = 0

        def take(data: bytes) -> None:
            nonlocal size
            size += len(data)

        start = time.perf_counter()
        command = run(program, sandbox, *words)
        asyncio.run(receive(platform, command, cookie, take))
        ours.append(time.perf_counter() - start)
        assert size == 100_000 * 69
        start = time.perf_counter()
        with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
            while process.stdout.read1(65536):
                pass
        bare.append(time.perf_counter() - start)
    table.times("100,000 lines to a client, persisted", "≤ 2 ×", ours, "bare pipe reader", bare)


def test_400_watchers_of_one_log(platform, program, sandbox, cookie, table):
    watchers, count = 400, 100
    command = run(
        program, sandbox, "python3", "-c", "import time; time.sleep(6)\n"
        + PRINT_TIMES.format(count=count, pause=0.05),
    )  # fmt: skip
    delays: list[float] = []
    complete = 0

    async def watch() -> None:
        nonlocal complete
        rest, seen = b"", 0

        def take(data: bytes) -> None:
            nonlocal rest, seen
            now = time.time()
            *lines, rest = (rest + data).split(b"\n")
            seen += len(lines)
            delays.extend(now - float(line) for line in lines)

        await receive(platform, command, cookie, take)
        complete += seen == count

    async def everybody() -> None:
        await asyncio.gather(*(watch() for _ in range(watchers)))

    asyncio.run(everybody())
    assert complete == watchers
    table.add(
        f"{watchers} watchers of one log, one Daphne, 20 lines/s",
        f"p50 {statistics.median(delays) * 1000:.0f} ms, none lost",
        "p50 ≤ 60 ms",
    )
