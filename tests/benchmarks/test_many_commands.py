"""A thousand chatty commands on one worker process, beside a program that only reads pipes."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.benchmarks import numbers
from tests.benchmarks.memory import cpu_seconds, resident_mb
from tests.fixtures.platform import Client, Platform

pytestmark = pytest.mark.benchmark
COMMANDS, SANDBOXES = 1000, 10
SECONDS = 60
# One small process each: shells that start `sleep` ten times a second would measure the shells.
# All begin together, so that the measured minute has all of them.
CHATTER = """
$| = 1; my $at = {begin};
select(undef, undef, undef, $at - time) if $at > time;
for (1..{lines}) {{ print "line $_ of a chatty command\\n"; select(undef, undef, undef, 0.1) }}
"""
READER = """
import selectors, subprocess, sys
chooser = selectors.DefaultSelector()
for _ in range({count}):
    child = subprocess.Popen(["perl", "-e", {script!r}], stdout=subprocess.PIPE, bufsize=0)
    chooser.register(child.stdout, selectors.EVENT_READ)
print("all", flush=True)
while True:
    for key, _ in chooser.select():
        if not key.fileobj.read(65536): chooser.unregister(key.fileobj)
    if not chooser.get_map(): break
"""


def chatter(begin: int, seconds: int) -> str:
    return CHATTER.format(begin=begin, lines=seconds * 10)


def watch(pid: int, seconds: float) -> tuple[float, float]:
    """Cores that a process takes, and the most memory that it had, in MB."""
    before, since, peak = cpu_seconds(pid), time.monotonic(), 0.0
    while time.monotonic() - since < seconds:
        peak = max(peak, resident_mb(pid))
        time.sleep(0.5)
    return (cpu_seconds(pid) - before) / (time.monotonic() - since), peak


def bare_reader() -> tuple[float, float]:
    """The same commands, read and forgotten by one Python process."""
    script = chatter(int(time.time()) + 15, 20)
    reader = READER.format(count=COMMANDS, script=script)
    with subprocess.Popen([sys.executable, "-c", reader], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"all\n"
        time.sleep(max(0.0, float(script.partition("$at = ")[2].partition(";")[0]) - time.time()))
        return watch(process.pid, 10)


def test_1000_commands_with_ten_lines_a_second(platform: Platform, program: Client, table):
    worker = platform.child("worker sandboxes")
    idle = resident_mb(worker)
    sandboxes = [program("POST", "sandboxes", {"wait": 60})["id"] for _ in range(SANDBOXES)]
    begin = int(time.time()) + 20 + COMMANDS // 15
    script = chatter(begin, SECONDS)

    def start(number: int) -> str:
        body = {"command": "perl", "args": ["-e", script], "background": True}
        return program("POST", f"sandboxes/{sandboxes[number % SANDBOXES]}/commands", body)["id"]

    with ThreadPoolExecutor(4) as pool:
        commands = list(pool.map(start, range(COMMANDS)))
    late = time.time() > begin
    time.sleep(max(0.0, begin + 1 - time.time()))
    cores, memory = watch(worker, SECONDS - 5)
    expected = sum(len(f"line {n} of a chatty command\n") for n in range(1, SECONDS * 10 + 1))
    lost = 0
    for command in commands:
        while (row := program("GET", f"commands/{command}"))["status"] != "finished":
            time.sleep(0.5)
        lost += row["log_size"] != expected
    for sandbox in sandboxes:
        program("POST", f"sandboxes/{sandbox}/stop")
    bare_cores, bare_memory = bare_reader()
    note = f"{lost} incomplete{', not all at once' if late else ''}"
    table.compare(numbers.MANY_CPU, cores * 100, "%", "bare reader", bare_cores * 100, note=note)
    note = f"{idle:.0f} MB of it before"
    table.compare(numbers.MANY_MEMORY, memory, "MB", "bare reader", bare_memory, note=note)
