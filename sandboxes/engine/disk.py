"""How much disk space sandboxes take."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from . import limits
from .agent.processes import descendants
from .errors import EngineError
from .spec import SandboxHandle

METER = Path(__file__).with_name("meter.py")
TIMEOUT = 300.0  # seconds; a million files take some ten


@dataclass(frozen=True)
class DiskTask:
    """The directories of one sandbox, its handle while it runs, and after how many bytes to stop
    counting."""

    directories: list[Path]
    handle: SandboxHandle | None
    enough: int


def measure(tasks: list[DiskTask]) -> list[int]:
    """Bytes that each sandbox holds on the disk, also in files that it has deleted and keeps
    open. Blocks, in a process of its own; raises EngineError."""
    request = [
        {
            "directories": [str(path) for path in task.directories],
            "pids": _pids(task.handle) if task.handle else [],
            # One that has just passed its limit may hold much more.
            "enough": task.enough * 2,
        }
        for task in tasks
    ]
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(METER)],
            input=json.dumps(request),
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=True,
        )
        return [int(size) for size in json.loads(done.stdout)]
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise EngineError(f"The disk space of sandboxes could not be measured: {error}.")


def _pids(handle: SandboxHandle) -> list[int]:
    if handle.cgroup:
        return limits.members(handle.cgroup)
    return [handle.pid, *descendants(handle.pid)]
