"""What a sandbox costs that does nothing, beside an interpreter that sleeps."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys

import pytest

from sandboxes.engine import SandboxSpec, levels
from tests.benchmarks import numbers
from tests.benchmarks.memory import proportional_mb

pytestmark = pytest.mark.benchmark
SLEEP = "import time; print(1, flush=True); time.sleep(60)"


def sleeping_interpreter() -> float:
    words = [sys.executable, "-I", "-S", "-c", SLEEP]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        size = proportional_mb(process.pid)
        process.kill()
        return size


def test_an_idle_sandbox(tmp_path, table):
    engine = levels.choose(allow_unisolated=False, allow_reduced=False)
    (tmp_path / "run").mkdir()
    handles = []
    try:
        for number in range(20):
            uid = 299_100 + number if os.geteuid() == 0 else None
            spec = SandboxSpec(
                name=f"idle{number}", root=tmp_path / str(number), run_dir=tmp_path / "run", uid=uid
            )
            handles.append(engine.start(spec))
        sizes = [proportional_mb(handle.pid) for handle in handles]
        bare = sleeping_interpreter()
    finally:
        for handle in handles:
            engine.kill(handle)
    note = f"PSS, {len(sizes)} running"
    table.compare(
        numbers.IDLE_SANDBOX, statistics.median(sizes), "MB", "idle Python", bare, note=note
    )
