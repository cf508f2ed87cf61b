"""Which processes belong to this sandbox, and how to end them all."""

from __future__ import annotations

import errno
import os
import time

from .bare import signal

TYPE_CHECKING = False  # importing typing would cost every agent memory
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ROUNDS = 100  # a fork bomb may outrun one pass over /proc; each pass leaves fewer
BURST = 0.5  # seconds in which the agent does nothing else; then it looks again
CHILDREN = "/proc/thread-self/children"
ENDED = (b"Z", b"X")
EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)
THREADS = 17  # number of threads, counted from the state in /proc/PID/stat


def family() -> dict[int, list[int]]:
    """The living processes that /proc shows, by their parent. Raises OSError, as read()."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (fields := look(int(name))) is not None:
            children.setdefault(int(fields[1]), []).append(int(name))
    return children


def look(pid: int) -> list[bytes] | None:
    """The fields of /proc/PID/stat from the state on; None for a process that has ended."""
    fields = read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    # One whose first thread alone has ended shows as a zombie, and runs.
    ended = not fields or (fields[0] in ENDED and fields[THREADS] in (b"0", b"1"))
    return None if ended else fields


def read(path: str) -> bytes:
    """A small file of /proc; nothing of a process that is gone. Raises OSError when that cannot
    be told, because there is no descriptor or no memory left."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return os.read(descriptor, 4096)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno in EXHAUSTED:
            raise
        return b""


def below(root: int, children: dict[int, list[int]]) -> list[int]:
    """All descendants of `root` in a family, each after its parent."""
    found: list[int] = []
    queue = [root]
    while queue:
        next_ones = children.get(queue.pop(), [])
        found += next_ones
        queue += next_ones
    return found


def descendants(root: int) -> list[int]:
    """Pids of all living descendants of `root` that /proc shows."""
    return below(root, family())


def own_children() -> list[int]:
    """Children of this process, those that have ended and were not waited for included."""
    try:
        with open(CHILDREN, "rb") as file:
            return [int(pid) for pid in file.read().split()]
    except FileNotFoundError:  # a kernel that keeps no such list
        return family().get(os.getpid(), [])


def send(pids: Iterable[int], number: int) -> None:
    """A signal to each; those that are gone hear nothing."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except OSError:
            continue


def signal_all(number: int, isolated: bool) -> None:
    """Send a signal to every process of the sandbox but this one."""
    if isolated:  # PID 1 of its namespace: -1 is everybody else, atomically
        send([-1], number)
    else:
        send(descendants(os.getpid()), number)


def kill_found(find: Callable[[], list[int]]) -> None:
    """SIGKILL everything that `find` finds, which may start more of its kind meanwhile.

    First all are stopped: the dead would make room for others to be started.
    """
    stopped: set[int] = set()
    until = time.monotonic() + BURST
    for _ in range(ROUNDS):
        fresh = [pid for pid in find() if pid not in stopped]
        if not fresh or time.monotonic() > until:
            break
        send(fresh, signal.SIGSTOP)
        stopped.update(fresh)
    send(find(), signal.SIGKILL)


def kill_all(isolated: bool) -> None:
    """SIGKILL until nothing is left that could be found."""
    if isolated:
        signal_all(signal.SIGKILL, isolated)
        return
    for _ in range(ROUNDS):
        if not descendants(os.getpid()):
            return
        kill_found(lambda: descendants(os.getpid()))
