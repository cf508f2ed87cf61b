"""What the platform costs that nobody uses, beside one process that has loaded Django."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

import pytest

from tests.benchmarks import numbers
from tests.benchmarks.memory import cpu_seconds, family, proportional_mb
from tests.fixtures.platform import ROOT
from tests.fixtures.running import running

pytestmark = pytest.mark.benchmark
ROUNDS = 3
# The chat worker begins to load its library two seconds after it has started.
LOADING = 4.0
DJANGO = "import django; django.setup(); print(1, flush=True); input()"


def settled(pid: int) -> list[int]:
    """The processes of the platform, once they have loaded what they load by themselves."""
    deadline = time.monotonic() + 120
    time.sleep(LOADING)
    while time.monotonic() < deadline:
        before = sum(map(cpu_seconds, family(pid)))
        time.sleep(2)
        if sum(map(cpu_seconds, processes := family(pid))) - before < 0.1:
            return processes
    raise AssertionError("it never became idle")


def one_django() -> float:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "vibe.settings"}
    with subprocess.Popen(
        [sys.executable, "-c", DJANGO], cwd=ROOT, env=environment,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        process.stdout.readline()
        size = proportional_mb(process.pid)
        process.kill()
        return size


def test_an_idle_platform(table):
    sizes, counts = [], []
    for _ in range(ROUNDS):
        with running() as platform:
            processes = settled(platform.process.pid)
            sizes.append(sum(map(proportional_mb, processes)))
            counts.append(len(processes))
    table.compare(
        numbers.IDLE_PLATFORM, statistics.median(sizes), "MB", "one Django", one_django(),
        note=f"PSS of {counts[-1]}",
    )  # fmt: skip
