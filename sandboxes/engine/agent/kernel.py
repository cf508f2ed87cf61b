"""The few Linux calls that the standard library lacks; runs inside the sandbox."""

from __future__ import annotations

import fcntl
import os

from .bare import get_errno, library_call

_prctl = library_call("prctl")

PR_SET_DUMPABLE = 4
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
# asm-generic/ioctls.h, as on every machine that the filters know; `termios` is slow to import.
TIOCSCTTY, TIOCSWINSZ = 0x540E, 0x5414
AGENT_SCORE, COMMAND_SCORE = 800, 1000
# Of root's powers, what an agent keeps that is root of its sandbox: files, users, packages, low
# ports. Nothing of mounts, networks, devices, other people's processes or the kernel.
KEPT = {
    "CHOWN": 0, "DAC_OVERRIDE": 1, "FOWNER": 3, "FSETID": 4, "KILL": 5, "SETGID": 6, "SETUID": 7,
    "SETPCAP": 8, "NET_BIND_SERVICE": 10, "SYS_CHROOT": 18, "AUDIT_WRITE": 29, "SETFCAP": 31,
}  # fmt: skip


def prctl(option: int, value: int) -> None:
    """Call prctl(2); raises OSError when the kernel refuses."""
    if _prctl(option, value, 0, 0, 0) != 0:
        number = get_errno()
        raise OSError(number, os.strerror(number))


def harden(subreaper: bool) -> None:
    """Make this process untouchable for its children.

    Not dumpable: children of the same uid can neither ptrace it nor read its /proc files
    (environment, descriptors). Its score must be written before that, because the files in
    /proc then belong to root.
    """
    volunteer(AGENT_SCORE)
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    prctl(PR_SET_DUMPABLE, 0)
    if subreaper:
        prctl(PR_SET_CHILD_SUBREAPER, 1)


def drop_from_bounding_set(capability: int) -> bool:
    """Give one up for good; False when this kernel has no such capability."""
    try:
        prctl(PR_CAPBSET_DROP, capability)
    except OSError:
        return False
    return True


def make_controlling(terminal: int) -> None:
    """Let it be the terminal that controls this session."""
    fcntl.ioctl(terminal, TIOCSCTTY, 0)


def volunteer_command() -> None:
    """In the forked child of a command: let it die before the agent when memory is short."""
    # It has inherited the agent's protection, and closed the agent's descriptors already.
    prctl(PR_SET_DUMPABLE, 1)
    volunteer(COMMAND_SCORE)


def volunteer(score: int) -> None:
    """Offer this process to the kernel's OOM killer, ahead of everything else on the host."""
    try:
        # Not by open(): in every child its layers would be touched first.
        descriptor = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
        try:
            os.write(descriptor, str(score).encode())
        finally:
            os.close(descriptor)
    except OSError:  # a read-only /proc: the limit by cgroup still holds
        pass
