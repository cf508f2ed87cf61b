"""What is left of root's powers where the agent is root of its sandbox."""

from __future__ import annotations

import os
import struct

from .bare import get_errno, library_call
from .kernel import KEPT, drop_from_bounding_set, prctl

VERSION_3 = 0x20080522  # linux/capability.h
PR_CAP_AMBIENT, CLEAR_ALL = 47, 4
LAST_CAPABILITY = 63


def limit() -> None:
    """Give up, for this process and all that it starts, every capability but KEPT.

    Raises OSError: an agent that could not do this must not run anything.
    """
    for number in range(LAST_CAPABILITY + 1):
        if number not in KEPT.values() and not drop_from_bounding_set(number):
            break
    prctl(PR_CAP_AMBIENT, CLEAR_ALL)
    mask = sum(1 << number for number in KEPT.values())
    header, data = struct.pack("=Ii", VERSION_3, 0), struct.pack("=6I", mask, mask, 0, 0, 0, 0)
    if library_call("capset")(header, data) != 0:
        number = get_errno()
        raise OSError(number, os.strerror(number))
