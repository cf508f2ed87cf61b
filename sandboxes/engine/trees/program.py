"""The process that copies trees: apart, so that the worker's event loop keeps its processor.

Started by `trees.process`. Arguments: a JSON object {parent, nice, shift: [first, to, count] or
null, reserve, durable, crew: processes beside it, pairs: [[source, target, layers], …]}, the first
two of a pair descriptors.
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
from typing import Any

from .copying import TreeCopy
from .crew import Crew
from .entries import EntryCopy, Tally, TreeError
from .ids import Shift
from .space import DiskFull, Space

PR_SET_PDEATHSIG = 1


class Reporter(Space):
    """Also tells how far it is."""

    def __init__(self, reserve: int, target: int) -> None:
        super().__init__(reserve, target)
        self.tally = Tally()

    def look(self) -> None:
        super().look()
        tell(entries=self.tally.entries, size=self.tally.size)


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
    space = Space(order["reserve"], pairs[0][1])
    space.look()
    reporter = Reporter(order["reserve"], pairs[0][1])
    own = EntryCopy(shift, reporter.advance)
    reporter.tally = own.tally
    crew = Crew(order["crew"], EntryCopy(shift, space.advance), own.tally)
    try:
        copy = TreeCopy(own, crew)
        for source, target, layers in pairs:
            copy.copy(source, target, skip=_is_scratch if layers else lambda _: False)
    finally:
        crew.close()
    if order["durable"] and ctypes.CDLL(None, use_errno=True).syncfs(pairs[0][1]) != 0:
        raise OSError(ctypes.get_errno(), "The copy could not be written to the disk.")
    return own.tally


def _is_scratch(path: str) -> bool:
    """An overlay's scratch directory, beside the upper layer: NAME/work."""
    return path.count("/") == 1 and path.endswith("/work")


def _end_with(parent: int) -> None:
    """A copy whose worker is gone is of no use to anybody."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)
