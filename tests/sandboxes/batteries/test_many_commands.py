"""Many commands that chat at once, a thousand at full length, on one worker: nothing is lost."""

from __future__ import annotations

import hashlib
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.benchmarks.memory import cpu_seconds, resident_mb
from tests.fixtures.length import SECONDS, length
from tests.fixtures.platform import Client, Platform

pytestmark = [pytest.mark.sandbox, pytest.mark.battery, pytest.mark.alone]

COMMANDS = length(100, 1000)
SANDBOXES = max(1, COMMANDS // 100)
# All begin together, so that the measured time has all of them. One small process each.
CHATTER = """
$| = 1; my $at = {begin};
select(undef, undef, undef, $at - time) if $at > time;
for (1..{lines}) {{ print "{name} line $_\\n"; select(undef, undef, undef, 0.1) }}
"""


def raw(program: Client, command: str) -> bytes:
    request = urllib.request.Request(
        f"{program.platform.url}/api/v1/commands/{command}/logs/raw",
        headers={"Authorization": f"Bearer {program.key}"},
    )
    with urllib.request.urlopen(request, timeout=120) as answer:
        return answer.read()


def test_every_log_is_exact(platform: Platform, program: Client):
    sandboxes = [program("POST", "sandboxes", {})["id"] for _ in range(SANDBOXES)]
    for sandbox in sandboxes:
        while program("GET", f"sandboxes/{sandbox}")["status"] != "running":
            time.sleep(0.05)
    begin = int(time.time()) + 6 + COMMANDS // 16
    lines = SECONDS * 10

    def start(number: int) -> str:
        script = CHATTER.format(begin=begin, lines=lines, name=f"command {number}")
        body = {"command": "perl", "args": ["-e", script], "background": True}
        return program("POST", f"sandboxes/{sandboxes[number % SANDBOXES]}/commands", body)["id"]

    with ThreadPoolExecutor(4) as pool:
        commands = list(pool.map(start, range(COMMANDS)))
    late = time.time() - begin
    worker = platform.child("worker sandboxes")
    time.sleep(max(0.0, begin + 2 - time.time()))
    before, since, peak = cpu_seconds(worker), time.monotonic(), 0.0
    while time.monotonic() - since < SECONDS - 5:
        peak = max(peak, resident_mb(worker))
        time.sleep(1)
    cores = (cpu_seconds(worker) - before) / (time.monotonic() - since)
    exact = 0
    for number, command in enumerate(commands):
        deadline = time.monotonic() + 300
        while program("GET", f"commands/{command}")["status"] != "finished":
            assert time.monotonic() < deadline, "it did not end"
            time.sleep(0.5)
        truth = "".join(f"command {number} line {n}\n" for n in range(1, lines + 1)).encode()
        exact += hashlib.sha256(raw(program, command)).digest() == hashlib.sha256(truth).digest()
    print(f"\n{COMMANDS} commands × 10 lines/s for {SECONDS} s: {exact} logs exact; the worker "
          f"took {cores * 100:.0f} % of a core, at most {peak:.0f} MB; all started "
          f"{-late:.0f} s before the beginning")  # fmt: skip
    for sandbox in sandboxes:
        program("POST", f"sandboxes/{sandbox}/stop")
    assert exact == COMMANDS
