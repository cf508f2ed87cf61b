"""A thousand chatty commands on one worker process."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.fixtures.platform import Client, Platform

pytestmark = pytest.mark.benchmark
COMMANDS, SANDBOXES, SECONDS = 1000, 10, 20
# One small process each: shells that start `sleep` ten times a second would measure the shells.
CHATTER = """
$| = 1;
for (1..{lines}) {{ print "line $_ of a chatty command\\n"; select(undef, undef, undef, 0.1) }}
"""


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def test_1000_commands_with_ten_lines_a_second(platform: Platform, program: Client, table):
    sandboxes = [program("POST", "sandboxes", {})["id"] for _ in range(SANDBOXES)]
    for sandbox in sandboxes:
        while program("GET", f"sandboxes/{sandbox}")["status"] != "running":
            time.sleep(0.05)
    lines = 10 * 120

    def start(number: int) -> str:
        arguments = ["-e", CHATTER.format(lines=lines)]
        body = {"command": "perl", "args": arguments, "background": True}
        return program("POST", f"sandboxes/{sandboxes[number % SANDBOXES]}/commands", body)["id"]

    with ThreadPoolExecutor(4) as pool:
        commands = list(pool.map(start, range(COMMANDS)))
    while program("GET", f"commands/{commands[-1]}")["status"] == "queued":
        time.sleep(0.1)
    worker = platform.child("worker sandboxes")
    before, start_time = cpu_seconds(worker), time.monotonic()
    time.sleep(SECONDS)
    cores = (cpu_seconds(worker) - before) / (time.monotonic() - start_time)
    memory = memory_mb(worker)
    lost = 0
    for command in commands:
        while (row := program("GET", f"commands/{command}"))["status"] != "finished":
            time.sleep(0.5)
        expected = sum(len(f"line {n} of a chatty command\n") for n in range(1, lines + 1))
        lost += row["log_size"] != expected
    for sandbox in sandboxes:
        program("POST", f"sandboxes/{sandbox}/stop")
    table.add(
        f"{COMMANDS} commands × 10 lines/s, one worker process",
        f"{cores * 100:.0f} % of a core, {memory:.0f} MB, {lost} incomplete",
        "≤ 100 %, ≤ 150 MB, 0",
    )
