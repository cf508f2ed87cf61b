"""Which process runs a turn, and whether that process still lives."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from django.conf import settings


@cache
def identity(pid: int) -> str:
    """Name of the process of this number, as `current` gives that of this one."""
    return f"{settings.NODE_NAME}/{pid}/{_start_time(pid)}"


def current() -> str:
    """Name of this process: NODE/PID/START, where START tells reused pids apart."""
    return identity(os.getpid())


def is_gone(worker: str) -> bool:
    """True when the named process surely runs no more; of another node nobody can tell here."""
    node, _, rest = worker.partition("/")
    pid, _, started = rest.partition("/")
    if node != settings.NODE_NAME or not pid.isdigit():
        return not worker
    return _start_time(int(pid)) != started


def _start_time(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return _answers(pid)
    # The name in parentheses may hold spaces; field 22 counts from behind it. A zombie is gone.
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else fields[19]


def _answers(pid: int) -> str:
    """Without /proc (macOS): whether a process of that number exists at all."""
    if Path("/proc/self").exists():
        return ""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        pass
    return "alive"
