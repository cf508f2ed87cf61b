"""Which processes belong to this sandbox, and how to end them all."""

from __future__ import annotations

import os

from .bare import signal

ROUNDS = 100  # a fork bomb may outrun one pass over /proc; each pass leaves fewer


def descendants(root: int) -> list[int]:
    """Pids of all living descendants of `root` that /proc shows."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
        except OSError:
            continue
        if fields[0] not in (b"Z", b"X"):
            children.setdefault(int(fields[1]), []).append(int(name))
    found: list[int] = []
    queue = [root]
    while queue:
        below = children.get(queue.pop(), [])
        found += below
        queue += below
    return found


def signal_all(number: int, isolated: bool) -> None:
    """Send a signal to every process of the sandbox but this one."""
    if isolated:  # PID 1 of its namespace: -1 is everybody else, atomically
        try:
            os.kill(-1, number)
        except OSError:
            pass
        return
    for pid in descendants(os.getpid()):
        try:
            os.kill(pid, number)
        except OSError:
            continue


def kill_all(isolated: bool) -> None:
    """SIGKILL until nothing is left that could be found."""
    for _ in range(1 if isolated else ROUNDS):
        signal_all(signal.SIGKILL, isolated)
        if isolated or not descendants(os.getpid()):
            return
