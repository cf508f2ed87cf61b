"""Many calls at once: none is dropped, and nothing is left of them in the web process."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.fixtures.length import length
from tests.fixtures.platform import Platform
from tests.fixtures.waiting import until
from tests.sandboxes.vercel.conftest import Program

pytestmark = [pytest.mark.sandbox, pytest.mark.battery, pytest.mark.alone]
MANY = length(100, 200)
ROUNDS = length(1, 2)
# Request threads and those of queries, Redis and the resolver: pools, whatever the load was.
MOST_THREADS = 64 + 8 + 40


def at_once(call: Callable[[int], Any]) -> list[Any]:
    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(call, range(MANY)))


def test_many_runs_and_followers_are_all_served(platform: Platform, program: Program) -> None:
    web = platform.child("daphne")
    boxes = [program.create() for _ in range(8)]
    sessions = [box["session"]["id"] for box in boxes]

    def run(number: int) -> bool:
        line = f"echo {number}; sleep 2; echo end"
        records = program.run(sessions[number % 8], "sh", "-c", line).records
        said = "".join(record.get("data", "") for record in records)
        return said == f"{number}\nend\n" and records[-1]["command"]["exitCode"] == 0

    path = f"/v2/sandboxes/sessions/{sessions[0]}/cmd"
    line = "for i in $(seq 100); do echo line $i; sleep 0.02; done"
    wanted = "".join(f"line {number}\n" for number in range(1, 101))

    def round_of_calls() -> int:
        assert all(at_once(run))
        body = {"command": "sh", "args": ["-c", line]}
        command = program("POST", path, body).json["command"]["id"]
        logs = at_once(lambda _: program("GET", f"{path}/{command}/logs").records)
        assert all("".join(record["data"] for record in log) == wanted for log in logs)
        until(lambda: sockets(web) <= 20, "the end of connections of clients that have gone")
        threads = len(os.listdir(f"/proc/{web}/task"))
        assert threads <= MOST_THREADS
        return threads

    began = time.monotonic()
    print(f"\nthreads of the web process: {[round_of_calls() for _ in range(ROUNDS)]}")
    print(f"{ROUNDS} × {MANY} runs and {MANY} followers in {time.monotonic() - began:.1f} s")
    for box in boxes:
        program("DELETE", f"/v2/sandboxes/{box['sandbox']['name']}")


def sockets(pid: int) -> int:
    """TCP connections that the process still has to clients: its descriptors of the tcp table."""
    with open(f"/proc/{pid}/net/tcp") as table:
        rows = [line.split() for line in table.readlines()[1:]]
    established = {row[9] for row in rows if row[3] == "01"}
    mine = 0
    for descriptor in os.listdir(f"/proc/{pid}/fd"):
        try:
            target = os.readlink(f"/proc/{pid}/fd/{descriptor}")
        except OSError:
            continue
        mine += target.startswith("socket:[") and target[8:-1] in established
    return mine
