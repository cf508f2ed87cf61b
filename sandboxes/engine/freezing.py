"""Holding every process of a sandbox still for a moment, so that its files do not change."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .agent.processes import descendants
from .spec import SandboxHandle

SETTLE = 2.0  # seconds in which stopped processes have to arrive at their stop
ROUNDS = 200  # a fork bomb outruns one look at /proc; each stops more of it
# Stopped, traced; and waiting in the kernel, which is where a process that has been sent
# the signal stays until it may be stopped.
STILL = (b"T", b"t", b"Z", b"X")
HELD = (*STILL, b"D")


@contextmanager
def frozen(handle: SandboxHandle) -> Iterator[None]:
    """Nothing in the sandbox but its agent runs within; then all that ran goes on."""
    stopped: list[int] = []
    try:
        _stop_all(handle.pid, stopped)
        yield
    finally:
        # The youngest first: a shell is not to find its jobs stopped.
        for descriptor in reversed(stopped):
            _send(descriptor, signal.SIGCONT)
            os.close(descriptor)


def thaw(handle: SandboxHandle) -> None:
    """Let everything go on that stands still, after a freezer that was killed.

    Also what does not stand still yet: a shell that waits in the kernel for its child's exec stops
    as soon as that is done, unless the stop is taken back before.
    """
    for pid in reversed(descendants(handle.pid)):
        if (descriptor := _open(pid, handle.pid)) is not None:
            _send(descriptor, signal.SIGCONT)
            os.close(descriptor)


def _stop_all(root: int, stopped: list[int]) -> None:
    """Stop everything below `root`; appends a pidfd of each process that was running."""
    signalled: set[int] = set()
    for _ in range(ROUNDS):
        fresh = [pid for pid in descendants(root) if pid not in signalled]
        running = [pid for pid in fresh if _look(pid)[0] not in STILL]
        if not running:
            break
        for pid in running:
            if (descriptor := _open(pid, root)) is not None:
                signalled.add(pid)
                stopped.append(descriptor)
                _send(descriptor, signal.SIGSTOP)
    deadline = time.monotonic() + SETTLE
    while any(_look(pid)[0] not in HELD for pid in signalled) and time.monotonic() < deadline:
        time.sleep(0.001)


def _open(pid: int, root: int) -> int | None:
    """A pidfd of exactly that process, while it belongs to the sandbox."""
    try:
        descriptor = os.pidfd_open(pid)
    except OSError:
        return None
    # The descriptor holds the number; whose it is can be told only now.
    if below(pid, root):
        return descriptor
    os.close(descriptor)
    return None


def below(pid: int, root: int) -> bool:
    """Whether that process descends from `root` now, or is it."""
    for _ in range(4096):
        if pid == root:
            return True
        if pid <= 1:
            return False
        pid = _look(pid)[1]
    return False


def _look(pid: int) -> tuple[bytes, int]:
    """(state, parent); a process that is gone counts as dead."""
    try:
        text = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return b"X", 0
    fields = text.rpartition(b")")[2].split()
    return fields[0], int(fields[1])


def _send(descriptor: int, number: signal.Signals) -> None:
    try:
        signal.pidfd_send_signal(descriptor, number)
    except OSError:
        pass
