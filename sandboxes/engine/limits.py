"""Limits of a sandbox: control groups where they are writable, resource limits always."""

from __future__ import annotations

import os
import resource
import time
from functools import cache
from pathlib import Path

from .spec import Limits

PARENT = "vibe"
SPARE_PROCESSES = 16  # for the agent and its file workers, when commands have used up theirs
REMOVE_WAIT = 1.0  # seconds: a group is busy for a moment after its last process has died


def rlimits(limits: Limits) -> list[tuple[int, int]]:
    """Resource limits of every command, as (kind, value)."""
    return [
        (resource.RLIMIT_DATA, limits.memory_bytes),
        (resource.RLIMIT_NPROC, limits.processes),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ]


@cache
def mode() -> str:
    """How the limits of a whole sandbox are enforced here: cgroup2, cgroup1 or rlimit."""
    if _delegated() is not None:
        return "cgroup2"
    return "cgroup1" if _hierarchies() is not None else "rlimit"


def create(name: str, limits: Limits) -> str:
    """Make the control group of a sandbox and return its name for a handle; "" for none."""
    if mode() == "cgroup2":
        cgroup = f"cgroup2:{_delegated()}/{PARENT}-{name}"
        values = {"memory.max": limits.memory_bytes, "memory.swap.max": 0}
    elif mode() == "cgroup1":
        cgroup = f"cgroup1:{_own_path('memory')}/{PARENT}-{name}"
        values = {
            "memory.limit_in_bytes": limits.memory_bytes,
            "memory.memsw.limit_in_bytes": limits.memory_bytes,
        }
    else:
        return ""
    values["pids.max"] = limits.processes + SPARE_PROCESSES
    try:
        for directory in _directories(cgroup):
            directory.mkdir(exist_ok=True)
            for file, value in values.items():
                if (directory / file).exists():
                    (directory / file).write_text(str(value))
    except BaseException:
        remove(cgroup)
        raise
    return cgroup


def join(cgroup: str, pid: int) -> None:
    """Put a process, and with it what it forks later, into the group."""
    for directory in _directories(cgroup):
        (directory / "cgroup.procs").write_text(str(pid))


def members(cgroup: str) -> list[int]:
    """Pids of all processes in the group."""
    for directory in _directories(cgroup)[:1]:
        try:
            return [int(line) for line in (directory / "cgroup.procs").read_text().split()]
        except OSError:
            break
    return []


def remove(cgroup: str) -> None:
    """Delete the group once it is empty; a group that stays busy is left behind."""
    deadline = time.monotonic() + REMOVE_WAIT
    for directory in _directories(cgroup):
        while directory.exists():
            try:
                directory.rmdir()
            except OSError:
                if time.monotonic() > deadline:
                    break
                time.sleep(0.01)


def oom_kills(cgroup: str) -> int:
    """How many processes of the group the kernel has killed for memory so far."""
    for directory in _directories(cgroup)[:1]:
        file = "memory.events" if cgroup.startswith("cgroup2:") else "memory.oom_control"
        try:
            lines = (directory / file).read_text().splitlines()
        except OSError:
            return 0
        return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))
    return 0


def _directories(cgroup: str) -> list[Path]:
    kind, _, path = cgroup.partition(":")
    if kind == "cgroup2":
        return [Path(path)]
    if kind == "cgroup1":
        mounts = _hierarchies() or {}
        # The same name in both hierarchies: `memory` may nest us, `pids` may not.
        return [mounts["memory"] / path.lstrip("/"), mounts["pids"] / Path(path).name]
    return []


@cache
def _delegated() -> Path | None:
    """A version 2 group below which groups with memory and pids can be made.

    That is our own one when it has been delegated to us, and for root the top of the tree.
    """
    for mount, kind, _ in _mounts():
        if kind != "cgroup2":
            continue
        own = mount / _own_path("").lstrip("/")
        for directory in (own, mount) if os.geteuid() == 0 else (own,):
            try:
                enabled = (directory / "cgroup.subtree_control").read_text().split()
            except OSError:
                continue
            writable = os.access(directory, os.W_OK) and not _read_only(directory)
            if writable and {"memory", "pids"} <= set(enabled):
                return directory
    return None


@cache
def _hierarchies() -> dict[str, Path] | None:
    """Mount points of the version 1 memory and pids controllers, where root may write them."""
    found: dict[str, Path] = {}
    for mount, kind, options in _mounts():
        for controller in ("memory", "pids"):
            if kind == "cgroup" and controller in options.split(","):
                found[controller] = mount
    if os.geteuid() != 0 or len(found) < 2:
        return None
    probe = found["memory"] / _own_path("memory").lstrip("/")
    writable = all(os.access(p, os.W_OK) and not _read_only(p) for p in (probe, found["pids"]))
    return found if writable else None


def _read_only(path: Path) -> bool:
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def _own_path(controller: str) -> str:
    """Path of this process's group in a version 1 hierarchy, or "" for version 2."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            return path.rstrip("/")
    return ""


def _mounts() -> list[tuple[Path, str, str]]:
    """(mount point, type, super options) of every mount."""
    mounts = []
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        fields, _, tail = line.partition(" - ")
        kind, _, options = tail.split(" ", 2)
        mounts.append((Path(fields.split()[4]), kind, options))
    return mounts
