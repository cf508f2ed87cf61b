"""Says in `ps` which program a fork runs; by itself it would show the command that was forked."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Sequence
from pathlib import Path

# Given to a process that will be titled, as its last argument: room for the titles.
ROOM = " " * 400


def set_title(argv: Sequence[str]) -> None:
    """Write `argv` over the command line that the kernel shows of this process, cut to its room.

    Does nothing where there is no such place (anything but Linux).
    """
    if sys.platform != "linux":
        return
    # Fields 48 and 49 of proc(5): where the kernel has laid the arguments.
    fields = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    start, end = int(fields[45]), int(fields[46])
    size = end - start
    if start == 0 or size <= 1:
        return  # the kernel hides it from processes that may not look
    text = "\0".join(argv).encode()[: size - 1]
    ctypes.memmove(start, text.ljust(size, b"\0"), size)
