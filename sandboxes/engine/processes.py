"""Finding a process again and ending it, safe against reuse of its number."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable
from pathlib import Path

KILL_WAIT = 5.0  # seconds


def boot_id() -> str:
    """The kernel's name for this boot: pids of another boot mean nothing."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def started_at(pid: int) -> int | None:
    """Start time in clock ticks after boot; None when the process is gone or a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    fields = stat.rpartition(b")")[2].split()
    return None if fields[0] in (b"Z", b"X") else int(fields[19])


def is_same(pid: int, started: int, boot: str) -> bool:
    """Whether the process that was seen with this pid, start time and boot still lives."""
    return pid > 0 and boot == boot_id() and started_at(pid) == started


def kill(pid: int, started: int, boot: str, timeout: float = KILL_WAIT) -> bool:
    """SIGKILL exactly that process and wait until it is gone. Returns False on time-out."""
    try:
        descriptor = os.pidfd_open(pid)
    except OSError:
        return True
    try:
        # The descriptor holds the pid; only now is the comparison free of a race.
        if not is_same(pid, started, boot):
            return True
        signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return bool(poll.poll(timeout * 1000))
    except ProcessLookupError:
        return True
    finally:
        os.close(descriptor)
        reap(pid)


def reap(pid: int) -> None:
    """Collect the zombie, if the process was our own child."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except OSError:
        pass


def kill_tree(root: int, descendants: Callable[[int], list[int]]) -> None:
    """SIGKILL everything below `root`, which is stopped so that it starts nothing new."""
    try:
        os.kill(root, signal.SIGSTOP)
    except OSError:
        return
    kill_members(lambda: descendants(root))


def of_user(uid: int) -> list[int]:
    """Pids of all processes of a user, zombies left out."""
    found = []
    for entry in os.scandir("/proc"):
        try:
            if entry.name.isdigit() and entry.stat().st_uid == uid and started_at(int(entry.name)):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def kill_members(members: Callable[[], list[int]]) -> None:
    """SIGKILL what `members` lists until it lists nothing, or the time is up."""
    deadline = time.monotonic() + KILL_WAIT
    while (pids := members()) and time.monotonic() < deadline:
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                continue
        time.sleep(0.002)
