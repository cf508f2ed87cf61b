"""The steps of a journal, done in the workspace by descriptors; fine to repeat after a crash."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from .left_out import BLOCKED, LeftOut
from .staging import Staging, Step
from .walking import DIRECTORY

IN_THE_WAY = (
    errno.ENOTEMPTY, errno.EEXIST, errno.EISDIR, errno.ENOTDIR, errno.ELOOP, errno.EACCES,
    errno.EPERM, errno.EBUSY,
)  # fmt: skip


def apply(top: int, staging: Staging) -> LeftOut:
    """Do what the journal says below the directory `top`; what was in the way. Raises OSError."""
    blocked = LeftOut()
    place = _Place(top, staging)
    for step in staging.steps():
        try:
            place.do(step)
        except OSError as error:
            if error.errno not in IN_THE_WAY:
                raise
            if step[0] == "put":
                blocked.add(BLOCKED, step[2])
    staging.applied()
    return blocked


class _Place:
    def __init__(self, top: int, staging: Staging) -> None:
        self._top = top
        self._staging = staging
        info = os.fstat(top)
        self._owner = (info.st_uid, info.st_gid) if os.geteuid() == 0 else None

    def do(self, step: Step) -> None:
        kind, *rest = step
        if kind == "put":
            self._put(*rest)
        elif kind == "folder":
            with self._folder(rest[0], make=True):
                pass
        elif kind == "mode":
            self._mode(*rest)
        elif kind == "rmdir":
            self._gone(rest[0], os.rmdir)
        else:
            self._gone(rest[0], os.unlink)

    def _put(self, number: int, path: str, replaces: bool) -> None:
        source = str(self._staging.path / str(number))
        if not os.path.lexists(source):  # done before
            return
        with self._parent(path, make=True) as (parent, name):
            if not replaces and _exists(name, parent):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
            try:
                os.rename(source, name, dst_dir_fd=parent)
            except IsADirectoryError:  # an empty one may go
                os.rmdir(name, dir_fd=parent)
                os.rename(source, name, dst_dir_fd=parent)

    def _mode(self, path: str, mode: int) -> None:
        with self._folder(path, make=False) as directory:
            os.fchmod(directory, mode)

    def _gone(self, path: str, remove: object) -> None:
        assert callable(remove)
        try:
            with self._parent(path, make=False) as (parent, name):
                remove(name, dir_fd=parent)
        except FileNotFoundError:
            pass

    @contextmanager
    def _parent(self, path: str, *, make: bool) -> Iterator[tuple[int, str]]:
        folder, _, name = path.rpartition("/")
        with self._folder(folder, make=make) as directory:
            yield directory, name

    @contextmanager
    def _folder(self, path: str, *, make: bool) -> Iterator[int]:
        """The folder's descriptor; nothing on the way is a link."""
        directory = os.dup(self._top)
        try:
            for name in path.split("/") if path else ():
                below = self._entered(directory, name, make)
                os.close(directory)
                directory = below
            self._open_up(directory)
            yield directory
        finally:
            os.close(directory)

    def _entered(self, directory: int, name: str, make: bool) -> int:
        try:
            return os.open(name, DIRECTORY, dir_fd=directory)
        except FileNotFoundError:
            if not make:
                raise
        self._open_up(directory)
        os.mkdir(name, 0o755, dir_fd=directory)
        below = os.open(name, DIRECTORY, dir_fd=directory)
        os.fchmod(below, 0o755)
        if self._owner is not None:
            os.fchown(below, *self._owner)
        return below

    def _open_up(self, directory: int) -> None:
        """What its owner has closed to himself; its mode is set back by a later step."""
        mode = stat.S_IMODE(os.fstat(directory).st_mode)
        if mode & stat.S_IRWXU != stat.S_IRWXU and os.geteuid() != 0:
            os.fchmod(directory, mode | stat.S_IRWXU)


def _exists(name: str, directory: int) -> bool:
    try:
        os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True
