"""From a key pressed to its echo in the browser's socket."""

from __future__ import annotations

import asyncio
import os
import pty
import time

import pytest
from websockets.asyncio.client import connect

from tests.fixtures.platform import SESSION_COOKIE, Client

pytestmark = pytest.mark.benchmark
KEYS = 60
PAUSE = 0.06  # as one types


def bare() -> list[float]:
    """The same key and echo at a pseudo-terminal of this process, with nothing between."""
    pid, master = pty.fork()
    if pid == 0:
        os.execvp("cat", ["cat"])
    times = []
    try:
        for _ in range(KEYS):
            time.sleep(PAUSE)
            begun = time.perf_counter()
            os.write(master, b"x")
            assert os.read(master, 1) == b"x"
            times.append(time.perf_counter() - begun)
    finally:
        os.close(master)
        os.waitpid(pid, 0)
    return times


async def typed(url: str, cookie: str, origin: str) -> list[float]:
    headers = {"Cookie": f"{SESSION_COOKIE}={cookie}"}
    times = []
    async with connect(url, additional_headers=headers, origin=origin) as socket:
        while not isinstance(frame := await socket.recv(), str) or '"live"' not in frame:
            pass
        for _ in range(KEYS):
            await asyncio.sleep(PAUSE)
            begun = time.perf_counter()
            await socket.send(b"x")
            while not isinstance(await socket.recv(), bytes):
                pass
            times.append(time.perf_counter() - begun)
    return times


def test_from_a_key_to_its_echo(platform, program: Client, cookie: str, table):
    sandbox = program("POST", "sandboxes", {"wait": 30})["id"]
    terminal = program("POST", f"sandboxes/{sandbox}/terminals", {"command": "cat"})["id"]
    url = f"ws://127.0.0.1:{platform.port}/ws/terminals/{terminal}/"
    ours = asyncio.run(typed(url, cookie, platform.url))
    table.times("key → echo in the browser's socket", "–", ours, "bare pseudo-terminal", bare())
