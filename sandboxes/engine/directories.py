"""The directories of a sandbox on the host: made, checked and given to its user."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from .errors import EngineError
from .spec import SandboxSpec


def prepare(spec: SandboxSpec) -> tuple[Path, Path]:
    """Make `workspace` and `home` for the sandbox's user and return both.

    Raises EngineError when something else has taken their place.
    """
    spec.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    spec.run_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = []
    for name in ("workspace", "home"):
        path = spec.root / name
        path.mkdir(mode=0o700, exist_ok=True)
        try:
            # Not through a link: it would mount whatever it points to.
            directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError as error:
            raise EngineError(
                f"{path} is not a directory any more ({error.strerror}).",
                "Move what lies there away and start the sandbox again.",
            )
        try:
            if spec.uid is not None and os.fstat(directory).st_uid != spec.uid:
                give_to(directory, spec.uid)
        finally:
            os.close(directory)
        found.append(path)
    return found[0], found[1]


def give_to(directory: int, uid: int) -> None:
    """Make `uid` the owner of a tree. Links are not followed, whatever the tree contains."""
    for _, directories, files, parent in os.fwalk(".", dir_fd=directory, follow_symlinks=False):
        for name in (*directories, *files):
            os.chown(name, uid, uid, dir_fd=parent, follow_symlinks=False)
    os.fchown(directory, uid, uid)
    os.fchmod(directory, stat.S_IRWXU)
