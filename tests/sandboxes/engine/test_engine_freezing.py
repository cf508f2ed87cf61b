"""Standing still for a snapshot, and going on."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from sandboxes.engine import frozen, thaw
from sandboxes.engine.agent.processes import descendants
from tests.fixtures.waiting import until

TICKER = "while :; do date +%s%N > tick; done"


def states(root: int) -> set[str]:
    found = set()
    for pid in descendants(root):
        try:
            text = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            continue
        found.add(text.rpartition(")")[2].split()[0])
    return found


def test_nothing_changes_while_a_sandbox_is_frozen_and_then_it_goes_on(box):
    with box.begin("/bin/bash", "-c", f"({TICKER}) & {TICKER}"):
        tick = box.workspace / "tick"
        until(tick.exists)
        with frozen(box.handle):
            before = tick.stat()
            assert states(box.handle.pid) <= {"T", "D"}
            assert tick.stat().st_mtime_ns == before.st_mtime_ns
            box.agent.ping()
        until(lambda: tick.exists() and tick.stat().st_mtime_ns > before.st_mtime_ns)


def test_what_stood_still_before_goes_on_standing_still(box):
    with box.begin("sleep", "60") as stopped:
        until(lambda: descendants(box.handle.pid))
        (pid,) = descendants(box.handle.pid)
        os.kill(pid, signal.SIGSTOP)
        until(lambda: states(box.handle.pid) == {"T"})
        with frozen(box.handle):
            pass
        assert states(box.handle.pid) == {"T"}
        thaw(box.handle)
        until(lambda: states(box.handle.pid) == {"S"})
        box.agent.signal(stopped.command, signal.SIGKILL)


SPAWNER = """
import os
os.mkfifo("gate")
gate = (os.POSIX_SPAWN_OPEN, 0, "gate", os.O_RDONLY, 0)
os.posix_spawn("/bin/true", ["true"], os.environ, file_actions=[gate])
open("gone on", "w").close()
"""


def test_what_waits_for_its_childs_exec_when_it_is_stopped_goes_on_too(box):
    """It cannot stand still before that, so it does not look as if it had to be let go on."""
    with box.begin("python3", "-c", SPAWNER):
        until(lambda: {"D", "S"} <= states(box.handle.pid))
        for pid in descendants(box.handle.pid):
            os.kill(pid, signal.SIGSTOP)
        until(lambda: {"D", "T"} <= states(box.handle.pid))
        thaw(box.handle)
        (box.workspace / "gate").write_text("")
        until((box.workspace / "gone on").exists)
