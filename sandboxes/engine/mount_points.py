"""Where a sandbox may have further directories mounted, and the empty directories for that."""

from __future__ import annotations

import os
import posixpath
from pathlib import Path

from .directories import HOME as HOME_DIRECTORY
from .directories import SYSTEM
from .directories import TEMPORARY as TEMPORARY_DIRECTORY
from .directories import WORKSPACE as WORKSPACE_DIRECTORY
from .errors import EngineError
from .spec import HOME, TEMPORARY, WORKSPACE, SandboxSpec

MOST = 255  # characters
# What the engine mounts itself, and what would hide programs.
TAKEN = frozenset((
    "bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "root", "run", "sbin",
    "sys", "usr", "var", "home", "vercel",
))  # fmt: skip
OWN = (
    (WORKSPACE, WORKSPACE_DIRECTORY),
    (HOME, HOME_DIRECTORY),
    (TEMPORARY, TEMPORARY_DIRECTORY),
)
FLAGS = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def problem(path: str) -> str:
    """Why nothing can be mounted at `path`; empty when it can."""
    if not path.startswith("/") or posixpath.normpath(path) != path or "\0" in path:
        return "it is not an absolute path in its shortest form"
    if len(path.encode("utf-8", "surrogateescape")) > MOST:
        return f"it is longer than {MOST} bytes"
    if path.startswith((f"{WORKSPACE}/", f"{HOME}/")):
        return ""
    if path == "/" or path.split("/")[1] in TAKEN or path == TEMPORARY:
        return "a directory of the system is there"
    return ""


def prepare(spec: SandboxSpec) -> None:
    """Make the mount points; raises EngineError where a sandbox has put something else.

    Links are refused: the sandbox made them, and they would lead the mount elsewhere.
    """
    for mount in spec.mounts:
        if reason := problem(mount.inside):
            raise EngineError(f"Nothing can be mounted at {mount.inside}: {reason}.")
        for top, directory in OWN:
            if mount.inside.startswith(f"{top}/"):
                names = mount.inside.removeprefix(f"{top}/").split("/")
                _make(spec.root / directory, names, spec.uid, mount.inside)
                break
        else:
            own_root = spec.root / SYSTEM / "top"
            if spec.base is not None and own_root.is_dir():
                _make(own_root, mount.inside.split("/")[1:], spec.base, mount.inside)


def _make(top: Path, names: list[str], owner: int | None, shown: str) -> None:
    directory = os.open(top, FLAGS)
    try:
        for name in names:
            try:
                os.mkdir(name, 0o755, dir_fd=directory)
            except FileExistsError:
                pass
            else:
                if owner is not None:
                    os.chown(name, owner, owner, dir_fd=directory, follow_symlinks=False)
            try:
                below = os.open(name, FLAGS, dir_fd=directory)
            except OSError:
                raise EngineError(
                    f"Nothing can be mounted at {shown}: {name} is no directory in the sandbox.",
                    "Remove it or choose another path.",
                ) from None
            os.close(directory)
            directory = below
    finally:
        os.close(directory)
