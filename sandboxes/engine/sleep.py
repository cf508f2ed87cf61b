"""Sandboxes that nobody uses, held still by the kernel's freezer: their memory is kept, they take
no processor, and their agent stays awake.

A group of its own holds everything but the agent: in version 2 a leaf below the sandbox's group, in
version 1 a group of the `freezer` hierarchy. What it holds it keeps when it is awake again, so that
the next sleep has less to move. Linux, Documentation/admin-guide/cgroup-v2.rst and
cgroup-v1/freezer-subsystem.rst.
"""

from __future__ import annotations

import time
from pathlib import Path

from . import groups
from .agent.processes import descendants, look, read
from .freezing import HELD, below
from .spec import SandboxHandle

LEAF = "asleep"
ROUNDS = 50  # what is not held yet may start more of its kind
SETTLE = 2.0  # seconds for what waits in the kernel to arrive
POLL = 0.002


def available(cgroup: str) -> bool:
    """Whether the kernel lets us hold what that sandbox's group holds."""
    return _home(cgroup) is not None


def on_this_machine() -> bool:
    """Whether sandboxes can be held still here at all."""
    return groups.delegated() is not None or groups.freezer() is not None


def put(handle: SandboxHandle) -> bool:
    """Hold all that runs in the sandbox but its agent; whether that was reached.

    Nothing stands still when it was not.
    """
    if (home := _home(handle.cgroup)) is None:
        return False
    try:
        home.mkdir(exist_ok=True)
        _switch(handle.cgroup, home, on=True)
        if _gather(handle.pid, home) and _settled(handle.cgroup, home):
            return True
    except OSError:
        pass
    wake(handle.cgroup)
    return False


def is_on(cgroup: str) -> bool:
    """Whether that sandbox sleeps."""
    home = _home(cgroup)
    return home is not None and _sleeps(cgroup, home)


def wake(cgroup: str) -> bool:
    """Let it go on; whether it slept. Costs a look at one file when it did not."""
    home = _home(cgroup)
    if home is None or not _sleeps(cgroup, home):
        return False
    try:
        _switch(cgroup, home, on=False)
    except OSError:
        return False
    return True


def group_of(cgroup: str) -> list[Path]:
    """The directory of the group, to be removed with the sandbox's others, before them."""
    home = _home(cgroup)
    return [home] if home is not None else []


def _home(cgroup: str) -> Path | None:
    kind, _, path = cgroup.partition(":")
    if kind == "cgroup2":
        return Path(path) / LEAF
    if kind == "cgroup1" and (mount := groups.freezer()) is not None:
        return mount / Path(path).name
    return None


def _file(cgroup: str) -> str:
    return "cgroup.freeze" if cgroup.startswith("cgroup2:") else "freezer.state"


def _state(cgroup: str, home: Path) -> str:
    """What the kernel says; "" when there is no such group."""
    try:
        return (home / _file(cgroup)).read_text().strip()
    except OSError:
        return ""


def _sleeps(cgroup: str, home: Path) -> bool:
    return _state(cgroup, home) not in ("", "THAWED", "0")


def _switch(cgroup: str, home: Path, *, on: bool) -> None:
    values = ("0", "1") if cgroup.startswith("cgroup2:") else ("THAWED", "FROZEN")
    (home / _file(cgroup)).write_text(values[on])


def _gather(agent: int, home: Path) -> bool:
    """Move everything below the agent into the group; whether nothing was left outside."""
    held: set[int] = set()
    for _ in range(ROUNDS):
        fresh = [pid for pid in descendants(agent) if pid not in held and not _helps(agent, pid)]
        if not fresh:
            return True
        inside = set((home / "cgroup.procs").read_text().split())
        for pid in fresh:
            held.add(pid)
            if str(pid) in inside:
                continue
            try:
                (home / "cgroup.procs").write_text(str(pid))
                if not below(pid, agent):
                    # The number had become another's, who is not to stand still.
                    (home.parent / "cgroup.procs").write_text(str(pid))
            except ProcessLookupError:
                continue
    return False


def _helps(agent: int, pid: int) -> bool:
    """Whether that is a helper of the agent, which is a fork of it. A command that has yet to
    become its program looks the same; whoever has just started it wakes everything again."""
    return read(f"/proc/{pid}/cmdline") == read(f"/proc/{agent}/cmdline")


def _settled(cgroup: str, home: Path) -> bool:
    """Whether all of them stand still, which takes those a moment that are in the kernel."""
    deadline = time.monotonic() + SETTLE
    while not _still(cgroup, home):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL)
    return True


def _still(cgroup: str, home: Path) -> bool:
    """What the kernel says; it goes on waiting for one that has lent its memory to a child which
    stands still before its exec (vfork), and so is as still as the child."""
    if cgroup.startswith("cgroup2:"):
        frozen = "frozen 1" in (home / "cgroup.events").read_text()
    else:
        frozen = _state(cgroup, home) == "FROZEN"
    if frozen:
        return True
    states = (look(int(pid)) for pid in (home / "cgroup.procs").read_text().split())
    return all(fields is None or fields[0] in HELD for fields in states)
