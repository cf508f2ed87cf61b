"""Binds a child process to its parent: when the parent dies, by whatever, the child is told."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1


def die_with_parent(death_signal: signal.Signals = signal.SIGTERM) -> Callable[[], None] | None:
    """Return a `preexec_fn` that makes the kernel send `death_signal` when this process ends.

    None where the kernel has no such thing (anything but Linux). The caller must spawn from its
    main thread: the kernel watches the thread that forked, not the process.
    """
    if sys.platform != "linux":
        return None
    # Loaded before the fork: between fork and exec nothing may take a lock that a thread held.
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def preexec() -> None:
        prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)  # it died in between; no signal will come any more

    return preexec
