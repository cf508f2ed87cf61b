"""Whether another user can get to a path."""

from __future__ import annotations

import stat
from pathlib import Path


def unreachable(path: Path, uid: int) -> Path | None:
    """The first directory above `path` that a user with no groups may not enter, if any."""
    for directory in reversed(path.absolute().parents):
        info = directory.stat()
        needed = stat.S_IXUSR if info.st_uid == uid else stat.S_IXOTH
        if not info.st_mode & needed:
            return directory
    return None
