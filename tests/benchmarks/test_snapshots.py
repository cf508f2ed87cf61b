"""How long a snapshot of many files takes, a copy and what is restored from it, beside `cp -a`."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sandboxes.host import shares
from sandboxes.models import Sandbox, Snapshot
from sandboxes.services import (
    commands,
    creating,
    forks,
    lifecycle,
    readiness,
    snapshots,
)
from tests.benchmarks import numbers
from tests.benchmarks.numbers import BARS

pytestmark = [pytest.mark.benchmark, pytest.mark.sandbox]

# As many and as large as the packages of a middling web project.
FILL = """
import os
for directory in range(400):
    os.makedirs(f"node_modules/p{directory}/lib")
    for file in range(50):
        with open(f"node_modules/p{directory}/lib/{file}.js", "wb") as out:
            out.write(os.urandom(5000))
"""


def test_a_snapshot_of_20000_files(sandbox, table, tmp_path):
    """Nothing is removed before the end: some file systems make files slowly for minutes after
    many were removed."""
    done = commands.wait(commands.run(sandbox, "python3", ["-c", FILL]), 300)
    assert done.succeeded
    root = shares.root_of(sandbox)
    times: dict[str, list[float]] = {name: [] for name in ("ours", "cp", "sync", "copy", "back")}
    made: list[Sandbox] = []
    for turn in range(3):
        target = root.with_name(f"reference-{turn}")
        with timed(times["sync"]):
            with timed(times["cp"]):
                subprocess.run(["cp", "-a", str(root), str(target)], check=True)
            subprocess.run(["sync", "-f", str(target)], check=True)
        with timed(times["ours"]):
            snapshot = readiness.wait_until_made(snapshots.create(sandbox), 300)
        assert snapshot.status == Snapshot.Status.CREATED, snapshot.error
        with timed(times["copy"]):
            made.append(readiness.wait_until_running(forks.fork(sandbox), 300))
        new = creating.create_sandbox(sandbox.owner, start=False)
        with timed(times["back"]):
            snapshots.restore(new, snapshot)
            made.append(readiness.wait_until_running(new, 300))
    for one in made:
        lifecycle.delete(one)
    table.times(
        "snapshot of 20,000 files, 100 MB", "–", times["ours"], "cp -a; sync -f", times["sync"]
    )
    for path, name in ((numbers.COPY, "copy"), (numbers.RESTORE, "back")):
        table.times(path, BARS[path], times[name], "cp -a", times["cp"])


@contextmanager
def timed(into: list[float]) -> Iterator[None]:
    start = time.perf_counter()
    yield
    into.append(time.perf_counter() - start)
