"""Who a command runs as, where the agent is root of its sandbox: the user, or root itself."""

from __future__ import annotations

import os

from .kernel import KEPT, drop_from_bounding_set

PASSWD, GROUP = "/etc/passwd", "/etc/group"
# The sandbox's user has two names; programs expect the one of the hosted images here.
HOSTED = {"vercel-sandbox": "ubuntu"}
MAX_ACCOUNTS = 1 << 20  # bytes
# Where the user's package managers install for the user alone; root's do so for everybody.
OWN = frozenset({"npm_config_globalconfig", "PNPM_HOME"})


class Identity:
    """An account of the sandbox, with its groups as the sandbox's own files name them."""

    def __init__(self, name: str, uid: int, gid: int, home: str) -> None:
        self.name = name
        self.uid = uid
        self.gid = gid
        self.home = home

    def become(self) -> None:
        """Turn this process into that user for good. Raises OSError.

        Only root keeps what the agent has of capabilities; others cannot get any back.
        """
        if self.uid != 0:
            for number in KEPT.values():  # the others the agent has given up for all
                drop_from_bounding_set(number)
        os.setgroups([self.gid, *groups_of(self.name)])
        os.setresgid(self.gid, self.gid, self.gid)
        os.setresuid(self.uid, self.uid, self.uid)

    def environment(self, env: dict[str, str], by: Identity) -> dict[str, str]:
        """`env` as sudo hands it on: kept, but for who one is and where one's files are."""
        if self.uid != by.uid:
            env = {name: value for name, value in env.items() if name not in OWN}
        asked = {"SUDO_USER": HOSTED.get(by.name, by.name), "SUDO_UID": str(by.uid),
                 "SUDO_GID": str(by.gid)}  # fmt: skip
        return {**env, "HOME": self.home, "USER": self.name, "LOGNAME": self.name, **asked}


ROOT = Identity("root", 0, 0, "/root")


def find(name: str) -> Identity | None:
    """The account of that name, or of that number with a # before it."""
    for fields in _rows(PASSWD, 7):
        if name in (fields[0], f"#{fields[2]}") and fields[2].isdigit() and fields[3].isdigit():
            return Identity(fields[0], int(fields[2]), int(fields[3]), fields[5] or "/")
    return ROOT if name in ("root", "#0") else None


def groups_of(name: str) -> list[int]:
    """Numbers of the groups that list the user as a member."""
    rows = _rows(GROUP, 4)
    return [int(row[2]) for row in rows if name in row[3].split(",") and row[2].isdigit()][:64]


def _rows(path: str, width: int) -> list[list[str]]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return []
    try:
        text = os.read(descriptor, MAX_ACCOUNTS).decode("utf-8", "replace")
    except OSError:
        return []
    finally:
        os.close(descriptor)
    rows = (line.split(":") for line in text.splitlines())
    return [row for row in rows if len(row) == width]
