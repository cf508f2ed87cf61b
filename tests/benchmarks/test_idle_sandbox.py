"""What a sandbox costs that does nothing."""

from __future__ import annotations

import os
import statistics
from pathlib import Path

import pytest

from sandboxes.engine import SandboxSpec, levels

pytestmark = pytest.mark.benchmark


def proportional_mb(pid: int) -> float:
    """PSS in MB: shared pages are split among those who share them."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


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
    finally:
        for handle in handles:
            engine.kill(handle)
    table.add("idle sandbox (PSS, 20 running)", f"{statistics.median(sizes):.1f} MB", "≤ 6 MB")
