"""Limits of a sandbox: control groups where they are writable, resource limits always."""

from __future__ import annotations

import resource
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from . import groups, sleep
from .spec import Limits

PARENT = "vibe"
SPARE_PROCESSES = 16  # for the agent and its file workers, when commands have used up theirs
REMOVE_WAIT = 1.0  # seconds: a group is busy for a moment after its last process has died
PERIOD = 100_000  # microseconds over which the kernel counts a group's share of the processors
# A tenth of what a process outside has: the platform answers while sandboxes compute.
WEIGHT, SHARES = 10, 102
NICE = 5  # stands in for the weight where there are no groups

WHAT_HOLDS = {
    "cgroup2": "memory, processes and processor time of each sandbox as a whole (cgroup2)",
    "cgroup1": "memory, processes and processor time of each sandbox as a whole (cgroup1)",
    "rlimit": "memory of each process and number of processes (rlimit); no control groups here "
    "for a sandbox's memory and processor time as a whole",
}


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
    if groups.delegated() is not None:
        return "cgroup2"
    return "cgroup1" if groups.hierarchies() is not None else "rlimit"


def niceness() -> int:
    """How far sandboxes stand back behind the platform where no group says so."""
    return NICE if mode() == "rlimit" else 0


def create(name: str, limits: Limits) -> str:
    """Make the control group of a sandbox and return its name for a handle; "" for none.

    It weighs as much as any other until stand_back(), so that a sandbox starts in good time on a
    busy machine."""
    cgroup = named(name)
    if not cgroup:
        return ""
    try:
        for directory in directories_of(cgroup):
            directory.mkdir(exist_ok=True)
        _write_all(cgroup, _values(cgroup, limits))
    except BaseException:
        remove(cgroup)
        raise
    return cgroup


def named(name: str) -> str:
    """The group of the sandbox of that name, as its handle calls it; "" where there are none."""
    if mode() == "cgroup2":
        return f"cgroup2:{groups.delegated()}/{PARENT}-{name}"
    return f"cgroup1:{groups.own_path('memory')}/{PARENT}-{name}" if mode() == "cgroup1" else ""


def update(cgroup: str, limits: Limits) -> None:
    """Write the limits into the group; those of one that runs change at once."""
    _write_all(cgroup, _values(cgroup, limits))


def stand_back(cgroup: str) -> None:
    """From here on, what runs in the group gives way to the platform."""
    if cgroup.startswith("cgroup2:"):
        _write_all(cgroup, {"cpu.weight": WEIGHT})
    elif cgroup:
        _write_all(cgroup, {"cpu.shares": SHARES})


def step_forward(cgroup: str) -> None:
    """Take back what stand_back() has done, for what the platform itself waits for."""
    if cgroup.startswith("cgroup2:"):
        _write_all(cgroup, {"cpu.weight": 100})
    elif cgroup:
        _write_all(cgroup, {"cpu.shares": 1024})


def _write_all(cgroup: str, values: Mapping[str, object]) -> None:
    for directory in directories_of(cgroup):
        missed = [file for file in values if not _write(directory / file, values[file])]
        # Memory with swap may never be less than memory alone: which comes first depends.
        for file in missed:
            (directory / file).write_text(str(values[file]))


def enter(cgroup: str) -> bool:
    """Put the calling thread into the group, and with it every process that it starts.

    For a thread that ends soon: version 1 lets a thread move itself in no time, where moving
    another process takes some 15 ms in each hierarchy. False where that cannot be done.
    """
    if not cgroup.startswith("cgroup1:"):
        return False
    for directory in directories_of(cgroup):
        (directory / "tasks").write_text("0")
    return True


def join(cgroup: str, pid: int) -> None:
    """Put a process, and with it what it forks later, into the group."""
    for directory in directories_of(cgroup):
        (directory / "cgroup.procs").write_text(str(pid))


def members(cgroup: str) -> list[int]:
    """Pids of all processes in the group."""
    for directory in directories_of(cgroup)[:1]:
        try:
            return [int(line) for line in (directory / "cgroup.procs").read_text().split()]
        except OSError:
            break
    return []


def count_processes(cgroup: str) -> int | None:
    """How many processes and threads the group holds; None when there is no group."""
    for directory in directories_of(cgroup):
        try:
            return int((directory / "pids.current").read_text())
        except OSError:
            continue
    return None


def usage(cgroup: str) -> tuple[float, int] | None:
    """(processor seconds so far, bytes of memory now without the files that the kernel could
    forget at once); None where the group does not count both."""
    found: dict[str, float] = {}
    for directory in directories_of(cgroup):
        try:
            if cgroup.startswith("cgroup2:"):
                found["cpu"] = _counts(directory / "cpu.stat")["usage_usec"] / 1e6
                memory = int((directory / "memory.current").read_text())
                found["memory"] = memory - _counts(directory / "memory.stat")["inactive_file"]
                break
            if (file := directory / "cpuacct.usage").exists():
                found["cpu"] = int(file.read_text()) / 1e9
            if (file := directory / "memory.usage_in_bytes").exists():
                inactive = _counts(directory / "memory.stat")["total_inactive_file"]
                found["memory"] = int(file.read_text()) - inactive
        except (OSError, KeyError):
            return None
    return (found["cpu"], int(found["memory"])) if len(found) == 2 else None


def remove(cgroup: str) -> None:
    """Delete the group once it is empty; a group that stays busy is left behind."""
    deadline = time.monotonic() + REMOVE_WAIT
    for directory in (*sleep.group_of(cgroup), *directories_of(cgroup)):
        while directory.exists():
            try:
                directory.rmdir()
            except OSError:
                if time.monotonic() > deadline:
                    break
                time.sleep(0.01)


def oom_kills(cgroup: str) -> int:
    """How many processes of the group the kernel has killed for memory so far."""
    for directory in directories_of(cgroup)[:1]:
        file = "memory.events" if cgroup.startswith("cgroup2:") else "memory.oom_control"
        try:
            lines = (directory / file).read_text().splitlines()
        except OSError:
            return 0
        return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))
    return 0


def _counts(file: Path) -> dict[str, int]:
    """A file of lines `name number`."""
    lines = (line.split() for line in file.read_text().splitlines())
    return {line[0]: int(line[1]) for line in lines if len(line) == 2}


def _write(file: Path, value: object) -> bool:
    try:
        if file.exists():
            file.write_text(str(value))
    except OSError:
        return False
    return True


def _values(cgroup: str, limits: Limits) -> dict[str, object]:
    """What to write, by file; those of all controllers together."""
    quota = round(limits.cpus * PERIOD)
    pids = limits.processes + SPARE_PROCESSES
    if cgroup.startswith("cgroup2:"):
        return {
            "memory.max": limits.memory_bytes,
            "memory.swap.max": 0,
            "pids.max": pids,
            "cpu.max": f"{quota or 'max'} {PERIOD}",
        }
    return {
        "memory.limit_in_bytes": limits.memory_bytes,
        "memory.memsw.limit_in_bytes": limits.memory_bytes,
        "pids.max": pids,
        "cpu.cfs_period_us": PERIOD,
        "cpu.cfs_quota_us": quota or -1,
    }


def directories_of(cgroup: str) -> list[Path]:
    """All directories of the group; the one with `memory` first."""
    kind, _, path = cgroup.partition(":")
    if kind == "cgroup2":
        return [Path(path)]
    if kind == "cgroup1":
        return [
            mount / (path.lstrip("/") if controller == "memory" else Path(path).name)
            for controller, mount in (groups.hierarchies() or {}).items()
        ]
    return []
