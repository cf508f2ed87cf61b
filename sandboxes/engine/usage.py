"""What a running sandbox uses right now, read from the kernel's own counts."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from . import limits
from .agent.processes import descendants
from .spec import Level, SandboxHandle

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Usage:
    """`cpu_seconds` and `network_bytes` count since the start of the sandbox.

    The network counted is the sandbox's own, through which everything goes: previews, the way
    out, and what its programs say to each other. None where it shares the machine's.
    """

    cpu_seconds: float
    memory_bytes: int
    network_bytes: int | None


def read(handle: SandboxHandle) -> Usage | None:
    """None when the sandbox has ended. Takes well under a millisecond with a control group."""
    try:
        counted = limits.usage(handle.cgroup) if handle.cgroup else None
        cpu, memory = counted or _of_processes(handle.pid)
        return Usage(cpu, memory, _network(handle))
    except (OSError, ValueError, IndexError):
        return None


def cpu_seconds(handle: SandboxHandle) -> float | None:
    """Processor time so far; with a control group also of a sandbox that has just ended, as long
    as the engine has not cleared it away. None when it is not known."""
    try:
        counted = limits.usage(handle.cgroup) if handle.cgroup else None
        return (counted or _of_processes(handle.pid))[0]
    except (OSError, ValueError, IndexError):
        return None


def _of_processes(agent: int) -> tuple[float, int]:
    """Without a group: everything that runs, and what those who ended were waited for with."""
    ticks = pages = 0
    for pid in (agent, *descendants(agent)):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            if pid == agent:
                raise
            continue
        ticks += sum(int(field) for field in fields[11:15])  # utime stime cutime cstime
        pages += int(fields[21])
    return ticks / TICKS, pages * PAGE


def _network(handle: SandboxHandle) -> int | None:
    if not Level(handle.level).own_network:
        return None
    for line in Path(f"/proc/{handle.pid}/net/dev").read_text().splitlines():
        name, _, counts = line.partition(":")
        if name.strip() == "lo":
            return int(counts.split()[0])
    return None
