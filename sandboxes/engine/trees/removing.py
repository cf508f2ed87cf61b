"""Removing a tree of any depth and with any rights in it, links never followed."""

from __future__ import annotations

import errno
import itertools
import os
import secrets
import stat
from pathlib import Path

DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
BUSY = (errno.ENOTEMPTY, errno.EEXIST)


def remove_tree(path: Path) -> None:
    """Remove `path` with everything below it; nothing there is fine. Raises OSError.

    Directories that are not empty are moved up beside the top before they are looked into, so
    that neither the length of a path nor the number of open files limits the depth.
    """
    try:
        info = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(info.st_mode):
        path.unlink()
        return
    top = _open(path)
    try:
        _empty(top)
    finally:
        os.close(top)
    path.rmdir()


def _empty(top: int) -> None:
    numbers = itertools.count()
    prefix = secrets.token_hex(8)
    waiting: list[str] = []

    def clear(directory: int) -> None:
        for name in os.listdir(directory):
            if not _gone(name, directory):
                fresh = f".{prefix}-{next(numbers)}"
                # A directory can only be moved by who may write to it.
                _make_ours(name, directory)
                os.rename(name, fresh, src_dir_fd=directory, dst_dir_fd=top)
                waiting.append(fresh)

    clear(top)
    while waiting:
        name = waiting.pop()
        below = os.open(name, DIRECTORY, dir_fd=top)
        try:
            clear(below)
        finally:
            os.close(below)
        os.rmdir(name, dir_fd=top)


def _gone(name: str, directory: int) -> bool:
    """Remove a file, a link or an empty directory; False for a directory with something in it."""
    try:
        os.unlink(name, dir_fd=directory)
        return True
    except FileNotFoundError:
        return True
    except IsADirectoryError:
        pass
    except PermissionError:  # what some file systems answer for a directory
        if not stat.S_ISDIR(os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode):
            raise
    try:
        os.rmdir(name, dir_fd=directory)
        return True
    except OSError as error:
        if error.errno not in BUSY:
            raise
        return False


def _make_ours(name: str, directory: int) -> None:
    handle = os.open(name, os.O_PATH | DIRECTORY, dir_fd=directory)
    try:
        if os.fstat(handle).st_mode & stat.S_IRWXU != stat.S_IRWXU:
            os.chmod(f"/proc/self/fd/{handle}", stat.S_IRWXU)
    finally:
        os.close(handle)


def _open(path: Path) -> int:
    try:
        descriptor = os.open(path, DIRECTORY)
    except PermissionError:
        path.chmod(stat.S_IRWXU)
        descriptor = os.open(path, DIRECTORY)
    if os.geteuid() == os.fstat(descriptor).st_uid:
        os.fchmod(descriptor, stat.S_IRWXU)
    return descriptor
