"""Whether something in a sandbox talks to somebody outside of it at the moment."""

from __future__ import annotations

import os
from pathlib import Path

from .agent.processes import descendants
from .spec import SandboxHandle

ESTABLISHED = "01"
# As /proc/net/tcp and tcp6 write what begins with 127, ::1 and ::ffff:127.
LOOPBACK = ("7F", "00000000000000000000000001000000", "0000000000000000FFFF0000")


def talks_outside(handle: SandboxHandle) -> bool:
    """Whether a TCP connection leads out, or in from the platform: an open page's socket, an
    answer that is still going on, a client of something elsewhere.

    Only for a sandbox with a network of its own. What cannot be looked at counts as talking.
    """
    try:
        found = [entry for name in ("tcp", "tcp6") for entry in _established(handle.pid, name)]
        if not found:
            return False
        inside = _sockets(handle.pid)
    except OSError:
        return True
    return any(not _is_loopback(remote) or inode not in inside for remote, inode in found)


def _established(pid: int, name: str) -> list[tuple[str, str]]:
    """(remote address in hex, inode) of each connection in the network of that process."""
    lines = Path(f"/proc/{pid}/net/{name}").read_text().splitlines()[1:]
    fields = (line.split() for line in lines)
    return [(one[2].partition(":")[0], one[9]) for one in fields if one[3] == ESTABLISHED]


def _is_loopback(address: str) -> bool:
    if len(address) == 8:  # in the order of this machine's bytes, so the first number is last
        return address.endswith(LOOPBACK[0])
    return address == LOOPBACK[1] or (
        address.startswith(LOOPBACK[2]) and address.endswith(LOOPBACK[0])
    )


def _sockets(agent: int) -> set[str]:
    """Inodes of the sockets that something below the agent holds."""
    found = set()
    for pid in descendants(agent):
        try:
            entries = os.listdir(f"/proc/{pid}/fd")
        except FileNotFoundError:
            continue
        for entry in entries:
            try:
                link = os.readlink(f"/proc/{pid}/fd/{entry}")
            except OSError:
                continue
            if link.startswith("socket:["):
                found.add(link[8:-1])
    return found
