"""The directories of a sandbox on the host: made, checked and given to its user."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import EngineError
from .spec import SandboxSpec

WORKSPACE, HOME = "workspace", "home"
# Its /tmp, where it has a file system of its own.
TEMPORARY = "tmp"
SHARED_MODE = stat.S_ISVTX | 0o777  # whoever writes there, each keeps what is its own
# What the sandbox has changed outside of these: `top`, which is its `/`, and the upper layer of
# each system directory in NAME/upper, with the kernel's scratch beside it in NAME/work. Owners
# are host ids of the sandbox's range, and deleted files are devices with the numbers 0, 0.
SYSTEM = "system"


def state_of(root: Path) -> list[Path]:
    """The directories below `root` that make up a sandbox: to be measured, copied and restored.

    Copy them with owners, extended attributes, hard links and special files (`cp -a` as root
    does). A copy in another sandbox gets its new owners when that one starts.
    """
    return [path for name in (WORKSPACE, HOME, TEMPORARY, SYSTEM) if (path := root / name).is_dir()]


def prepare(spec: SandboxSpec) -> tuple[Path, Path]:
    """Make `workspace` and `home` for the sandbox's user and return both.

    Raises EngineError when something else has taken their place.
    """
    spec.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    spec.run_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = []
    for name in (WORKSPACE, HOME):
        path = spec.root / name
        try:
            path.mkdir(mode=0o700)
            if name == HOME:
                fill(path, spec)
        except FileExistsError:
            pass
        with _opened(path) as directory:
            if spec.uid is not None and os.fstat(directory).st_uid != spec.uid:
                give_to(directory, spec.uid)
        found.append(path)
    return found[0], found[1]


def prepare_temporary(spec: SandboxSpec) -> Path:
    """Make what the sandbox sees as /tmp: open to all of its users, its root's if it has one.

    Raises as prepare does.
    """
    path = spec.root / TEMPORARY
    path.mkdir(mode=0o700, exist_ok=True)
    owner = spec.uid if spec.base is None else spec.base
    with _opened(path) as directory:
        found = os.fstat(directory)
        if spec.uid is not None and owner is not None and found.st_uid != owner:
            give_to(directory, spec.uid)
            os.fchown(directory, owner, owner)
        if stat.S_IMODE(os.fstat(directory).st_mode) != SHARED_MODE:
            os.fchmod(directory, SHARED_MODE)
    return path


def fill(home: Path, spec: SandboxSpec) -> None:
    """Write the files of `spec.home_files` into a home in which nobody has done anything yet."""
    for name, text in spec.home_files.items():
        path = home / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(text)
        if spec.uid is not None:
            for made in (path, *path.parents[: len(Path(name).parts) - 1]):
                os.chown(made, spec.uid, spec.uid)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """Its descriptor. Not through a link: it would mount whatever that points to."""
    try:
        directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        raise EngineError(
            f"{path} is not a directory any more ({error.strerror}).",
            "Move what lies there away and start the sandbox again.",
        ) from error
    try:
        yield directory
    finally:
        os.close(directory)


def give_to(directory: int, uid: int) -> None:
    """Make `uid` the owner of a tree. Links are not followed, whatever the tree contains."""
    for _, directories, files, parent in os.fwalk(".", dir_fd=directory, follow_symlinks=False):
        for name in (*directories, *files):
            os.chown(name, uid, uid, dir_fd=parent, follow_symlinks=False)
    os.fchown(directory, uid, uid)
    os.fchmod(directory, stat.S_IRWXU)
