"""From a line that a command prints to a client's socket."""

from __future__ import annotations

import asyncio
import json
import statistics
import struct
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from tests.benchmarks import numbers
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


async def receive(
    platform: Platform, command: str, cookie: str, on_bytes, begin: Callable[[], None] | None = None
) -> None:
    """`begin` is called when the socket is there."""
    async with log_socket(platform, command, cookie) as socket:
        if begin is not None:
            await asyncio.to_thread(begin)
        await read(socket, on_bytes)


async def read(socket, on_bytes) -> None:
    async for frame in socket:
        if isinstance(frame, str):
            if json.loads(frame)["type"] == "end":
                return
        else:
            on_bytes(frame[HEADER.size :])


def delays(platform, program, sandbox, cookie, count: int, pause: float) -> list[float]:
    """Seconds from the print of each line to its arrival at a socket that waits for them."""
    script = "input()\n" + PRINT_TIMES.format(count=count, pause=pause)
    body = {"command": "python3", "args": ["-c", script], "stdin": True}
    command = program("POST", f"sandboxes/{sandbox}/commands", body)["id"]
    go = {"text": "go\n", "offset": 0}
    found: list[float] = []
    rest = b""

    def take(data: bytes) -> None:
        nonlocal rest
        now = time.time()
        *lines, rest = (rest + data).split(b"\n")
        found.extend(now - float(line) for line in lines)

    def begin() -> None:
        program("POST", f"commands/{command}/stdin", go)

    asyncio.run(receive(platform, command, cookie, take, begin))
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
    ("path", "count", "pause"),
    [(numbers.LINE_IDLE, 150, 0.04), (numbers.LINE_BUSY, 5000, 0.001)],
    ids=["idle", "busy"],
)
def test_a_line(platform, program, sandbox, cookie, table, path, count, pause):
    ours = p95(delays(platform, program, sandbox, cookie, count, pause))
    bare = p95(pipe_delays(count, pause))
    table.compare(path, ours * 1000, "ms", "bare pipe", bare * 1000)


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
    table.times(numbers.LINES, "≤ 2 ×", ours, "bare pipe reader", bare)


WATCHERS, LINES = 400, 100
PRINTER = "input()\n" + PRINT_TIMES.format(count=LINES, pause=0.05)


class Crowd:
    """Watchers of one log: how late each line was for each of them, and who had all of it."""

    def __init__(self, begin: Callable[[], None] = lambda: None) -> None:
        """`begin` is called when everybody is there."""
        self.delays: list[float] = []
        self.complete = 0
        self._here = 0
        self._begin = begin

    async def here(self) -> None:
        self._here += 1
        if self._here == WATCHERS:
            await asyncio.to_thread(self._begin)

    async def watch(self, follow) -> None:
        rest, seen = b"", 0

        def take(data: bytes) -> None:
            nonlocal rest, seen
            now = time.time()
            *lines, rest = (rest + data).split(b"\n")
            seen += len(lines)
            self.delays.extend(now - float(line) for line in lines)

        await follow(take)
        self.complete += seen == LINES

    async def all(self, follow) -> None:
        await asyncio.gather(*(self.watch(follow) for _ in range(WATCHERS)))


# Sends each line of a program to every socket, and does nothing else.
SPREADER = f"""
import asyncio, subprocess, sys
async def main():
    writers = []
    server = await asyncio.start_server(lambda r, w: writers.append(w), "127.0.0.1", 0)
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-c", {PRINTER!r}, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    print(server.sockets[0].getsockname()[1], flush=True)
    while len(writers) < {WATCHERS}: await asyncio.sleep(0.05)
    program.stdin.write(b"go\\n")
    async for line in program.stdout:
        for writer in writers: writer.write(line)
    for writer in writers: writer.close()
asyncio.run(main())
"""


def spread_by_sockets() -> Crowd:
    crowd = Crowd()

    async def follow(take) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while data := await reader.read(65536):
            take(data)
        writer.close()

    words = [sys.executable, "-c", SPREADER]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        port = int(process.stdout.readline())
        asyncio.run(crowd.all(follow))
    return crowd


def test_400_watchers_of_one_log(platform, program, sandbox, cookie, table):
    body = {"command": "python3", "args": ["-c", PRINTER], "stdin": True}
    command = program("POST", f"sandboxes/{sandbox}/commands", body)["id"]
    go = {"text": "go\n", "offset": 0}
    crowd = Crowd(lambda: program("POST", f"commands/{command}/stdin", go))

    entrance = asyncio.Semaphore(40)

    async def follow(take) -> None:
        async with entrance:
            socket = await log_socket(platform, command, cookie, open_timeout=60)
        async with socket:
            await crowd.here()
            await read(socket, take)

    asyncio.run(crowd.all(follow))
    bare = spread_by_sockets()
    table.compare(
        numbers.WATCHERS, statistics.median(crowd.delays) * 1000, "ms", "bare sockets",
        statistics.median(bare.delays) * 1000, note=f"{WATCHERS - crowd.complete} incomplete",
    )  # fmt: skip
