"""Where this machine lets us make control groups, version 2 or version 1."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

REQUIRED = ("memory", "pids")
# Version 1 keeps each controller in a hierarchy of its own; these two are welcome, not needed.
WELCOME = ("cpu", "cpuacct")


@cache
def delegated() -> Path | None:
    """A version 2 group below which groups with memory and pids can be made.

    That is our own one when it has been delegated to us, and for root the top of the tree.
    """
    for mount, kind, _ in _mounts():
        if kind != "cgroup2":
            continue
        own = mount / own_path("").lstrip("/")
        for directory in (own, mount) if os.geteuid() == 0 else (own,):
            try:
                enabled = (directory / "cgroup.subtree_control").read_text().split()
            except OSError:
                continue
            if _writable(directory) and set(REQUIRED) <= set(enabled):
                return directory
    return None


@cache
def hierarchies() -> dict[str, Path] | None:
    """Mount points of the version 1 hierarchies in which we can make groups, by controller,
    `memory` first; root only. Groups of `memory` nest below our own; the others lie at the top.
    """
    if os.geteuid() != 0:
        return None
    mounts = {
        controller: mount
        for mount, kind, options in _mounts()
        if kind == "cgroup"
        for controller in options.split(",")
    }
    found: dict[str, Path] = {}
    for controller in (*REQUIRED, *WELCOME):
        if mount := mounts.get(controller):
            nested = own_path("memory").lstrip("/") if controller == "memory" else ""
            if _writable(mount / nested):
                found[controller] = mount
    return found if set(REQUIRED) <= set(found) else None


@cache
def freezer() -> Path | None:
    """Mount point of the version 1 hierarchy that holds processes still, where we can make groups
    in it; root only."""
    if os.geteuid() != 0:
        return None
    for mount, kind, options in _mounts():
        if kind == "cgroup" and "freezer" in options.split(",") and _writable(mount):
            return mount
    return None


def own_path(controller: str) -> str:
    """Path of this process's group in a version 1 hierarchy, or "" for version 2."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            return path.rstrip("/")
    return ""


def _writable(path: Path) -> bool:
    try:
        return os.access(path, os.W_OK) and not os.statvfs(path).f_flag & os.ST_RDONLY
    except OSError:
        return False


def _mounts() -> list[tuple[Path, str, str]]:
    """(mount point, type, super options) of every mount."""
    mounts = []
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        fields, _, tail = line.partition(" - ")
        kind, _, options = tail.split(" ", 2)
        mounts.append((Path(fields.split()[4]), kind, options))
    return mounts
