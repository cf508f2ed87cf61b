"""Everything that a file system keeps of a tree, as a value that can be compared."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

Description = dict[bytes, tuple[Any, ...]]


def describe(root: Path) -> Description:
    """By path: kind, mode, owner, modification time, attributes, content, names of one file."""
    names: dict[tuple[int, int], list[bytes]] = {}
    found: Description = {}
    for path in _walk(os.fsencode(root)):
        info = os.lstat(path)
        relative = os.path.relpath(path, os.fsencode(root))
        names.setdefault((info.st_dev, info.st_ino), []).append(relative)
        found[relative] = (
            stat.S_IFMT(info.st_mode),
            stat.S_IMODE(info.st_mode),
            (info.st_uid, info.st_gid),
            info.st_mtime_ns,
            info.st_rdev if stat.S_ISCHR(info.st_mode) else 0,
            {n: os.getxattr(path, n, follow_symlinks=False) for n in _attributes(path)},
            _content(path, info),
        )
    together = {name: tuple(sorted(group)) for group in names.values() for name in group}
    return {name: (*values, together[name]) for name, values in found.items()}


def _walk(root: bytes) -> list[bytes]:
    found, waiting = [root], [root]
    while waiting:
        for entry in os.scandir(waiting.pop()):
            found.append(entry.path)
            if entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
    return found


def _attributes(path: bytes) -> list[str]:
    return sorted(os.listxattr(path, follow_symlinks=False))


def _content(path: bytes, info: os.stat_result) -> bytes:
    if stat.S_ISLNK(info.st_mode):
        return os.readlink(path)
    return Path(os.fsdecode(path)).read_bytes() if stat.S_ISREG(info.st_mode) else b""
