"""`kill -9` of the sandbox worker in the middle of a snapshot, and of a start."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.fixtures.platform import Client, Platform
from tests.fixtures.waiting import until

pytestmark = pytest.mark.battery

FILES = 40_000
FILL = f"import os\nfor n in range({FILES}): os.close(os.open(str(n), os.O_CREAT))"
TICK = "while :; do date +%s%N > /tmp/tick; sleep 0.01; done"


def copying(platform: Platform) -> list[int]:
    """Pids of the platform's programs that copy trees."""
    worker = platform.child("worker sandboxes")
    found = []
    for task in Path(f"/proc/{worker}/task").iterdir():
        found += [int(pid) for pid in (task / "children").read_text().split()]
    return [pid for pid in found if b"trees.program" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def test_a_snapshot_survives_the_death_of_its_worker(platform: Platform, program: Client):
    sandbox = program("POST", "sandboxes", {"name": "saved", "wait": 60})
    url = f"sandboxes/{sandbox['id']}"
    fill = {"command": "python3", "args": ["-c", FILL], "wait": 120}
    program("POST", f"{url}/commands", fill)
    ticking = program("POST", f"{url}/commands", {"command": "sh", "args": ["-c", TICK]})
    store = platform.data_dir / "snapshots"
    before = {path.name for path in store.iterdir()} if store.is_dir() else set()
    snapshot = program("POST", f"{url}/snapshots", {"name": "in between"})
    until(lambda: (store / f".making-{snapshot['id']}" / "workspace").exists())
    (copier,) = until(lambda: copying(platform))
    worker = platform.child("worker sandboxes")
    os.kill(worker, signal.SIGKILL)

    until(lambda: not Path(f"/proc/{copier}").exists())
    until(lambda: worker not in platform.children())
    platform.until_ready()

    def ended():
        now = program("GET", f"snapshots/{snapshot['id']}")
        return now if now["status"] != "creating" else None

    made = until(ended)
    assert (made["status"], made["error"]) == ("created", "")
    assert made["file_count"] >= FILES
    assert {path.name for path in store.iterdir()} - before == {snapshot["id"]}
    # What ran in the sandbox goes on.
    assert program("GET", f"commands/{ticking['id']}")["status"] == "running"
    read = {"command": "cat", "args": ["/tmp/tick"], "wait": 60}
    seen = set()

    def moved() -> bool:
        seen.add(program.log(program("POST", f"{url}/commands", read)["id"]))
        return len(seen) > 1

    until(moved)
    program("DELETE", url)
    program("DELETE", f"snapshots/{snapshot['id']}")
    until(lambda: not {path.name for path in store.iterdir()} - before)
    until(lambda: not (platform.data_dir / "sandboxes" / sandbox["id"]).exists())
