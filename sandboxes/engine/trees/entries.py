"""One entry of a directory, copied into another one: a file, a link or something special."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass

from .content import ContentCopy
from .ids import Shift
from .metadata import Metadata

READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
WHITEOUT = 0  # device number of an overlay's mark for "deleted below"


class TreeError(Exception):
    """The tree cannot be copied as it is; the message says why."""


@dataclass
class Tally:
    """What has been copied: entries, and bytes as the disk holds them."""

    entries: int = 0
    size: int = 0
    skipped: int = 0

    def add(self, entries: int, size: int, skipped: int) -> None:
        self.entries += entries
        self.size += size
        self.skipped += skipped

    def take(self) -> tuple[int, int, int]:
        """What `add` takes; it counts from zero again."""
        taken = self.entries, self.size, self.skipped
        self.entries = self.size = self.skipped = 0
        return taken


class EntryCopy:
    """Copies everything but directories, links never followed.

    `shift` moves the owners, which only root can set. `advance` hears of every entry and every
    few megabytes and may raise to break off.
    """

    def __init__(self, shift: Shift | None, advance: Callable[[int], None]) -> None:
        self.tally = Tally()
        self.metadata = Metadata(shift)
        self.advance = advance
        self._content = ContentCopy(advance)

    def copy_file(self, source: int, target: int, name: str, *, several: bool = False) -> bool:
        """Copy a file from one directory into the other; both are descriptors.

        When it has other names too nothing is copied and False returned, unless `several`. Raises
        TreeError, also when it is no file any more, and OSError.
        """
        origin, closed_mode = opened(name, source, READ)
        try:
            info = os.fstat(origin)
            if not stat.S_ISREG(info.st_mode):
                raise TreeError("The files changed their kind while they were copied.")
            if info.st_nlink > 1 and not several:
                return False
            self._count()
            made = os.open(name, WRITE, 0o600, dir_fd=target)
            try:
                self._content.copy(origin, made, info.st_size, info.st_blocks * 512)
                self.metadata.copy(info, origin, made, closed_mode)
            finally:
                os.close(made)
            self.tally.size += info.st_blocks * 512
            return True
        finally:
            if closed_mode is not None:
                os.fchmod(origin, closed_mode)
            os.close(origin)

    def copy_other(self, source: int, target: int, name: str, *, several: bool = False) -> bool:
        """The same for what is neither a file nor a directory; what nobody may bring along is
        only counted."""
        info = os.stat(name, dir_fd=source, follow_symlinks=False)
        if info.st_nlink > 1 and not several:
            return False
        self._count()
        if stat.S_ISLNK(info.st_mode):
            os.symlink(os.readlink(name, dir_fd=source), name, dir_fd=target)
        elif not _special(info, target, name):
            self.tally.skipped += 1
            return True
        self.metadata.copy_by_name(info, source, target, name)
        return True

    def _count(self) -> None:
        self.tally.entries += 1
        self.advance(0)


def _special(info: os.stat_result, target: int, name: str) -> bool:
    kind = stat.S_IFMT(info.st_mode)
    if kind in (stat.S_IFIFO, stat.S_IFSOCK):
        os.mknod(name, kind | 0o600, dir_fd=target)
    elif kind == stat.S_IFCHR and info.st_rdev == WHITEOUT:
        os.mknod(name, kind | 0o600, WHITEOUT, dir_fd=target)
    else:  # a real device is nothing that a sandbox may bring along
        return False
    return True


def opened(name: str, directory: int, flags: int) -> tuple[int, int | None]:
    """Open for reading, also what its owner, which is us, has taken the right to read from.

    Also returns the mode to set back in that case.
    """
    try:
        return os.open(name, flags, dir_fd=directory), None
    except PermissionError:
        handle = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory)
    try:
        mode = stat.S_IMODE(os.fstat(handle).st_mode)
        path = f"/proc/self/fd/{handle}"
        os.chmod(path, mode | stat.S_IRUSR | (stat.S_IXUSR if flags & os.O_DIRECTORY else 0))
        return os.open(path, flags & ~os.O_NOFOLLOW), mode
    finally:
        os.close(handle)
