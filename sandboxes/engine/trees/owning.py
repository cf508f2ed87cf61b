"""Give a directory tree to other owners where it lies."""

from __future__ import annotations

import os
from pathlib import Path

from .ids import Shift


def move_owners(top: Path, shift: Shift) -> None:
    """Move the owners of everything below and at `top`. Links are not followed; fine to repeat
    after a crash, because ids outside of the shift's range stay. Raises OSError. Needs root."""
    directory = os.open(top, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        for _, directories, files, parent in os.fwalk(".", dir_fd=directory, follow_symlinks=False):
            for name in (*directories, *files):
                info = os.stat(name, dir_fd=parent, follow_symlinks=False)
                owners = shift.id(info.st_uid), shift.id(info.st_gid)
                if owners != (info.st_uid, info.st_gid):
                    os.chown(name, *owners, dir_fd=parent, follow_symlinks=False)
        info = os.fstat(directory)
        os.fchown(directory, shift.id(info.st_uid), shift.id(info.st_gid))
    finally:
        os.close(directory)
