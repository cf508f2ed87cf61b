"""The process that copies trees: apart, so that the worker's event loop keeps its processor.

Started by `trees.process`. Arguments: a JSON object {parent, nice, shift: [first, to, count] or
null, reserve, durable, pairs: [[source, target, layers], …]}, the first two of a pair descriptors.
Writes lines of JSON to stdout: {"entries", "size"} now and then, and at last the same with
"done", or {"error", "message"}.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import resource
import signal
import sys
import time
from typing import Any

from .copying import Tally, TreeCopy, TreeError
from .ids import Shift

PR_SET_PDEATHSIG = 1
TICK = 0.2  # seconds between two reports
BUSY_AFTER = 4 << 20  # bytes after which the clock is looked at


class DiskFull(Exception):
    """No more than the reserve is left."""


class Reporter:
    """Tells how far it is, and looks after the space that must stay free."""

    def __init__(self, reserve: int, target: int) -> None:
        self.tally = Tally()
        self._reserve = reserve
        self._target = target
        self._told = time.monotonic()
        self._entries = 0
        self._bytes = 0

    def advance(self, size: int) -> None:
        self._entries += 1
        self._bytes += size
        if self._entries < 64 and self._bytes < BUSY_AFTER:
            return
        self._entries = self._bytes = 0
        if time.monotonic() - self._told >= TICK:
            self._told = time.monotonic()
            self.check_space()
            tell(entries=self.tally.entries, size=self.tally.size)

    def check_space(self) -> None:
        disk = os.fstatvfs(self._target)
        if disk.f_bavail * disk.f_frsize < self._reserve:
            raise DiskFull


def tell(**message: Any) -> None:
    os.write(sys.stdout.fileno(), json.dumps(message).encode() + b"\n")


def main() -> None:
    order = json.loads(sys.argv[2])
    _end_with(order["parent"])
    os.nice(order["nice"])
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    os.umask(0)
    try:
        tally = _copy(order)
    except DiskFull:
        tell(error="no_space", message="The disk is nearly full.")
    except TreeError as error:
        tell(error="invalid", message=str(error))
    except OSError as error:
        code = "no_space" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "error"
        tell(error=code, message=error.strerror or str(error))
    else:
        tell(done=True, entries=tally.entries, size=tally.size, skipped=tally.skipped)


def _copy(order: dict[str, Any]) -> Tally:
    shift = Shift(*order["shift"]) if order["shift"] else None
    pairs: list[tuple[int, int, bool]] = order["pairs"]
    if not pairs:
        return Tally()
    reporter = Reporter(order["reserve"], pairs[0][1])
    reporter.check_space()
    copy = TreeCopy(shift=shift, advance=reporter.advance)
    reporter.tally = copy.tally
    for source, target, layers in pairs:
        copy.copy(source, target, skip=_is_scratch if layers else lambda path: False)
    if order["durable"] and ctypes.CDLL(None, use_errno=True).syncfs(pairs[0][1]) != 0:
        raise OSError(ctypes.get_errno(), "The copy could not be written to the disk.")
    return copy.tally


def _is_scratch(path: str) -> bool:
    """An overlay's scratch directory, beside the upper layer: NAME/work."""
    return path.count("/") == 1 and path.endswith("/work")


def _end_with(parent: int) -> None:
    """A copy whose worker is gone is of no use to anybody."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)
