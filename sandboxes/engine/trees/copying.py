"""A copy of a tree with everything that a file system keeps of it, links never followed."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from .content import ContentCopy
from .ids import Shift
from .metadata import Metadata

# Two descriptors a level; and nothing sensible is deeper (a path has at most 4,096 bytes).
MAX_DEPTH = 1500
READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
DIRECTORY = READ | os.O_DIRECTORY
WHITEOUT = 0  # device number of an overlay's mark for "deleted below"


class TreeError(Exception):
    """The tree cannot be copied as it is; the message says why."""


class Link(NamedTuple):
    """Where the first name of a file with several of them was copied to."""

    directory: str
    name: str


@dataclass
class Tally:
    """What has been copied: entries, and bytes as the disk holds them."""

    entries: int = 0
    size: int = 0
    skipped: int = 0


@dataclass
class _Level:
    source: int
    target: int
    info: os.stat_result
    path: str
    # What to set back when it is done with; None: nothing was changed to be able to read.
    closed_mode: int | None = None
    names: list[str] = field(default_factory=list)


class TreeCopy:
    """Copies directories, all with one memory of hard links.

    `shift` moves the owners, which only root can set. `advance` hears of every entry and every
    few megabytes and may raise to break off.
    """

    def __init__(
        self,
        *,
        shift: Shift | None = None,
        advance: Callable[[int], None] = lambda size: None,
    ) -> None:
        self.tally = Tally()
        self._advance = advance
        self._skip: Callable[[str], bool] = lambda path: False
        self._content = ContentCopy(advance)
        self._metadata = Metadata(shift)
        self._links: dict[tuple[int, int], Link] = {}

    def copy(
        self, source: int, target: int, skip: Callable[[str], bool] = lambda path: False
    ) -> None:
        """Copy what lies in the directory `source` into the empty directory `target`.

        Both are descriptors and stay open. `skip` says of a path below `source` whether to leave
        out what lies in that directory. Raises TreeError and OSError.
        """
        self._skip = skip
        self._links.clear()
        levels = [self._enter(os.dup(source), os.dup(target), "", None)]
        top = levels[0].target
        try:
            while levels:
                level = levels[-1]
                if level.names:
                    if below := self._entry(level, level.names.pop(), top):
                        levels.append(below)
                        if len(levels) > MAX_DEPTH:
                            raise TreeError(f"Directories lie more than {MAX_DEPTH} levels deep.")
                    continue
                self._metadata.copy(level.info, level.source, level.target, level.closed_mode)
                self._leave(levels.pop())
        finally:
            for level in levels:
                self._leave(level)

    def _enter(self, source: int, target: int, path: str, closed_mode: int | None) -> _Level:
        level = _Level(source, target, os.fstat(source), path, closed_mode)
        if not self._skip(path):
            level.names = os.listdir(source)
        return level

    def _leave(self, level: _Level) -> None:
        if level.closed_mode is not None:
            os.fchmod(level.source, level.closed_mode)
        os.close(level.source)
        os.close(level.target)

    def _entry(self, level: _Level, name: str, top: int) -> _Level | None:
        """Copy one entry; a directory is returned to be filled."""
        info = os.stat(name, dir_fd=level.source, follow_symlinks=False)
        self.tally.entries += 1
        self._advance(0)
        if stat.S_ISDIR(info.st_mode):
            return self._directory(level, name)
        if info.st_nlink > 1 and self._linked(level, name, info, top):
            return None
        if stat.S_ISREG(info.st_mode):
            self._file(level, name)
        elif stat.S_ISLNK(info.st_mode):
            os.symlink(os.readlink(name, dir_fd=level.source), name, dir_fd=level.target)
            self._metadata.copy_by_name(info, level.source, level.target, name)
        elif self._special(info, level, name):
            self._metadata.copy_by_name(info, level.source, level.target, name)
        else:
            self.tally.skipped += 1
        return None

    def _directory(self, level: _Level, name: str) -> _Level:
        source, closed_mode = _opened(name, level.source, DIRECTORY)
        try:
            os.mkdir(name, 0o700, dir_fd=level.target)
            target = os.open(name, DIRECTORY, dir_fd=level.target)
        except BaseException:
            os.close(source)
            raise
        self.tally.size += os.fstat(target).st_blocks * 512
        path = f"{level.path}/{name}" if level.path else name
        return self._enter(source, target, path, closed_mode)

    def _linked(self, level: _Level, name: str, info: os.stat_result, top: int) -> bool:
        """Whether the file has been copied under another name and got this one too."""
        key = info.st_dev, info.st_ino
        first = self._links.get(key)
        if first is None:
            self._links[key] = Link(level.path, name)
            return False
        try:
            os.link(
                f"{first.directory}/{first.name}" if first.directory else first.name,
                name,
                src_dir_fd=top,
                dst_dir_fd=level.target,
                follow_symlinks=False,
            )
        except OSError as error:
            if error.errno not in (errno.EMLINK, errno.ENAMETOOLONG, errno.ENOENT):
                raise
            return False
        return True

    def _file(self, level: _Level, name: str) -> None:
        source, closed_mode = _opened(name, level.source, READ)
        try:
            info = os.fstat(source)
            if not stat.S_ISREG(info.st_mode):
                raise TreeError("The files changed their kind while they were copied.")
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            target = os.open(name, flags, 0o600, dir_fd=level.target)
            try:
                self._content.copy(source, target, info.st_size, info.st_blocks * 512)
                self._metadata.copy(info, source, target, closed_mode)
                self.tally.size += os.fstat(target).st_blocks * 512
            finally:
                os.close(target)
        finally:
            if closed_mode is not None:
                os.fchmod(source, closed_mode)
            os.close(source)

    def _special(self, info: os.stat_result, level: _Level, name: str) -> bool:
        kind = stat.S_IFMT(info.st_mode)
        if kind in (stat.S_IFIFO, stat.S_IFSOCK):
            os.mknod(name, kind | 0o600, dir_fd=level.target)
        elif kind == stat.S_IFCHR and info.st_rdev == WHITEOUT:
            os.mknod(name, kind | 0o600, WHITEOUT, dir_fd=level.target)
        else:  # a real device is nothing that a sandbox may bring along
            return False
        return True


def _opened(name: str, directory: int, flags: int) -> tuple[int, int | None]:
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
