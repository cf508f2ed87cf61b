"""Sandboxes whose dev servers nobody uses: what they take, and how soon each is there again."""

from __future__ import annotations

import http.client
import json
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from tests.benchmarks.memory import cpu_seconds, family
from tests.benchmarks.numbers import ASLEEP_CPU, WAKE_FROZEN, WAKE_STOPPED
from tests.fixtures.length import length
from tests.fixtures.platform import Client, Platform
from tests.fixtures.running import running
from tests.fixtures.waiting import PATIENCE, until

pytestmark = pytest.mark.benchmark
COUNT = length(30, 100)
PORT = 3000
SECONDS = 20.0
# Use is noted every 20 seconds; one may sleep after 40, once two looks have found it at rest.
FALL_ASLEEP_WITHIN = 240.0
# Looks at its files as dev servers do, and answers with a page.
SERVER = """
import http.server, os, threading, time
for number in range(300): open(f"file{number}", "w").close()
def follow():
    while True:
        for entry in os.scandir("."): entry.stat()
        time.sleep(0.2)
threading.Thread(target=follow, daemon=True).start()
http.server.ThreadingHTTPServer(("127.0.0.1", 3000), http.server.SimpleHTTPRequestHandler
    ).serve_forever()
"""


@dataclass
class Box:
    """platform: which it runs on. id: of the sandbox."""

    platform: Platform
    id: str
    key: str

    def first_byte(self) -> int:
        """The status of its preview's answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.platform.port, timeout=PATIENCE)
        host = self.platform.preview(self.id, PORT)
        connection.request("HEAD", "/", headers={"Host": host, "X-Vibe-Key": self.key})
        try:
            return connection.getresponse().status
        finally:
            connection.close()

    @property
    def agent(self) -> int:
        """The pid of the session that runs."""
        with sqlite3.connect(self.platform.data_dir / "db.sqlite3", timeout=20) as database:
            [(handle,)] = database.execute(
                "SELECT handle FROM sandboxes_sandboxsession WHERE sandbox_id=? AND "
                "status='running'", (self.id,)
            ).fetchall()  # fmt: skip
        return int(json.loads(handle)["pid"])


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    with running(
        VIBE_SANDBOX_SLEEP="1",
        VIBE_API_RATE="0",
        VIBE_SANDBOXES_PER_USER="300",
        VIBE_COMMANDS_PER_USER="0",
    ) as started:
        yield started


@pytest.fixture(scope="module")
def boxes(platform: Platform, program: Client) -> list[Box]:
    """So many with a server that listens; nobody uses them from then on."""

    def start(_: int) -> Box:
        box = Box(platform, program("POST", "sandboxes", {"wait": 60, "timeout": 7200})["id"],
                  program.key)  # fmt: skip
        body = {"command": "python3", "args": ["-c", SERVER], "background": True}
        program("POST", f"sandboxes/{box.id}/commands", body)
        until(lambda: box.first_byte() == 200)
        return box

    with ThreadPoolExecutor(4) as threads:
        return list(threads.map(start, range(COUNT)))


def processor(boxes: list[Box]) -> float:
    """Cores that all of them take together, agents included."""
    pids = [pid for box in boxes for pid in family(box.agent)]
    before, since = sum(map(cpu_seconds, pids)), time.monotonic()
    time.sleep(SECONDS)
    return (sum(map(cpu_seconds, pids)) - before) / (time.monotonic() - since)


def asleep(program: Client) -> int:
    return sum(one["asleep_since"] is not None for one in listed(program))


def listed(program: Client) -> list[Any]:
    return list(program("GET", "sandboxes?limit=200")["items"])


def timed(boxes: list[Box], wake: Callable[[Box], None]) -> list[float]:
    """Seconds of each until its preview has answered, one after the other."""
    found = []
    for box in boxes:
        begun = time.monotonic()
        wake(box)
        until(lambda box=box: box.first_byte() == 200)
        found.append(time.monotonic() - begun)
    return found


def told(
    table: Any, path: str, bar: str, seconds: list[float], awake: list[float] | None = None
) -> None:
    beside = f"awake {in_words(awake)}" if awake else "–"
    table.add(path, f"{in_words(seconds)}, {COUNT} sandboxes", bar, beside)


def in_words(seconds: list[float]) -> str:
    p95, median = statistics.quantiles(seconds, n=20)[-1], statistics.median(seconds)
    return f"{p95 * 1000:.0f} ms, p50 {median * 1000:.0f} ms"


def test_sandboxes_that_sleep(boxes: list[Box], program: Client, table: Any) -> None:
    awake = processor(boxes)
    until(lambda: asleep(program) == COUNT, lambda: asleep(program), FALL_ASLEEP_WITHIN)
    still = processor(boxes)
    table.add(
        ASLEEP_CPU, f"{still * 100:.1f} %, {COUNT} sandboxes", "", f"awake {awake * 100:.0f} %"
    )
    frozen = timed(boxes, lambda box: None)
    again = timed(boxes, lambda box: None)  # what is known of them is out of date by now
    told(table, WAKE_FROZEN, "< 50 ms", frozen, again)

    for box in boxes:
        program("POST", f"sandboxes/{box.id}/stop", {})
    until(lambda: all(one["status"] == "stopped" for one in listed(program)), patience=4 * PATIENCE)
    resumed = {"servers": True}
    resume = timed(boxes, lambda box: program("POST", f"sandboxes/{box.id}/resume", resumed))
    told(table, WAKE_STOPPED, "< 2000 ms", resume)
