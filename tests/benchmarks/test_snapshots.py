"""How long a snapshot takes and how long the sandbox stands still for it, beside `cp -a`."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import time

import pytest

from sandboxes.host import shares
from sandboxes.models import Snapshot
from sandboxes.node import snapshot_files
from sandboxes.services import commands, forks, lifecycle, readiness, snapshots

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
    done = commands.wait(commands.run(sandbox, "python3", ["-c", FILL]), 300)
    assert done.succeeded
    root = shares.root_of(sandbox)
    ours, theirs, forked = [], [], []
    for turn in range(3):
        start = time.perf_counter()
        snapshot = readiness.wait_until_made(snapshots.create(sandbox), 300)
        ours.append(time.perf_counter() - start)
        assert snapshot.status == Snapshot.Status.CREATED, snapshot.error
        target = snapshot_files.directory_of(f"reference-{turn}")
        start = time.perf_counter()
        subprocess.run(["cp", "-a", str(root), str(target)], check=True)
        subprocess.run(["sync", "-f", str(target)], check=True)
        theirs.append(time.perf_counter() - start)
        shutil.rmtree(target)
        start = time.perf_counter()
        copy = readiness.wait_until_running(forks.fork(sandbox), 300)
        forked.append(time.perf_counter() - start)
        lifecycle.delete(copy)
    table.times("snapshot of 20,000 files, 100 MB", "–", ours, "cp -a; sync -f", theirs)
    table.add("copy of that sandbox → running", f"{statistics.median(forked):.1f} s", "–")
