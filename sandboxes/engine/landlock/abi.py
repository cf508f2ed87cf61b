"""What Landlock of this kernel can do, and whether it is enough for level "reduced"."""

from __future__ import annotations

import os
import platform
from functools import cache

from ..agent.confinement import version
from ..seccomp import ARCHITECTURES

HINT = "Allow user namespaces for the level “full”, or use a newer kernel."
# An ordinary user's sandboxes have that user's own id: only from 6 on does Landlock keep signals
# in, and below 3 a file outside can be cut short.
LEAST_AS_ROOT, LEAST_AS_USER = 3, 6
NETWORK = 4


@cache
def found() -> int:
    """The version of Landlock here; 0 for none."""
    return version()


def problem() -> str:
    """Why level "reduced" cannot be had here; "" when it can."""
    if platform.machine() not in ARCHITECTURES:
        return f"There is no system call filter for {platform.machine()}."
    least = LEAST_AS_ROOT if os.geteuid() == 0 else LEAST_AS_USER
    if found() == 0:
        return "This kernel has no Landlock, or it is switched off."
    if found() < least:
        who = "the platform runs as an ordinary user" if os.geteuid() else "it runs as root"
        return f"Landlock of this kernel has version {found()}; while {who}, {least} is needed."
    return ""


def closes_network() -> bool:
    """Whether TCP ports can be closed; else a sandbox reaches every server that we reach."""
    return found() >= NETWORK
