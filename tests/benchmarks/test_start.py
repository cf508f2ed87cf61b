"""From the command to a platform that is ready."""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from pathlib import Path

import pytest

from tests.fixtures.platform import Platform

pytestmark = pytest.mark.benchmark


def test_a_later_start(free_port, table):
    data_dir = Path(tempfile.mkdtemp(prefix="vibe-start-"))
    times = []
    try:
        for _ in range(4):
            start = time.perf_counter()
            platform = Platform(data_dir, free_port)
            try:
                platform.wait_for("Vibe is ready")
                times.append(time.perf_counter() - start)
            finally:
                platform.stop()
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)
    later = statistics.median(times[1:])
    table.add("`up` → ready, a later start", f"{later:.1f} s", "≤ 5 s")
