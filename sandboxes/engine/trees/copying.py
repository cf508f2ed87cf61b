"""A copy of a tree with everything that a file system keeps of it, links never followed."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from .crew import Crew
from .entries import READ, EntryCopy, TreeError, opened

# Two descriptors a level; and nothing sensible is deeper (a path has at most 4,096 bytes).
MAX_DEPTH = 1500
DIRECTORY = READ | os.O_DIRECTORY
BATCH = 64  # names that are handed out at once
FEW = 3  # so many are copied before they are handed out
ALONE = 256  # entries that are not worth a second process
NO_LINK = (errno.EMLINK, errno.ENAMETOOLONG, errno.ENOENT, errno.EACCES)


class Link(NamedTuple):
    """Where the first name of a file with several of them was copied to."""

    directory: str
    name: str


@dataclass
class _Level:
    source: int
    target: int
    info: os.stat_result
    path: str
    # What to set back when it is done with; None: nothing was changed to be able to read.
    closed_mode: int | None
    below: list[str] = field(default_factory=list)  # directories that are still to be entered
    batches: int = 0  # of its entries, handed out and not yet done
    walked: bool = False


class TreeCopy:
    """Copies directories, all with one memory of hard links.

    It walks through the directories itself. What lies in them it copies by `entries`, or hands
    out to `crew` where that is much.
    """

    def __init__(self, entries: EntryCopy, crew: Crew) -> None:
        self.tally = entries.tally
        self._entries = entries
        self._crew = crew
        self._skip: Callable[[str], bool] = lambda _: False
        self._links: dict[tuple[int, int], Link] = {}
        self._top = -1
        self._open: dict[int, _Level] = {}

    def copy(self, source: int, target: int, skip: Callable[[str], bool] = lambda _: False) -> None:
        """Copy what lies in the directory `source` into the empty directory `target`.

        Both are descriptors and stay open. `skip` says of a path below `source` whether to leave
        out what lies in that directory. Raises TreeError and OSError.
        """
        self._skip = skip
        self._links.clear()
        self._top = target
        try:
            way = [self._enter(os.dup(source), os.dup(target), "", None)]
            while way:
                level = way[-1]
                if level.below:
                    way.append(self._directory(level, level.below.pop()))
                    if len(way) > MAX_DEPTH:
                        raise TreeError(f"Directories lie more than {MAX_DEPTH} levels deep.")
                else:
                    way.pop().walked = True
                    self._finish(level)
            self._crew.wait()
        finally:
            for level in list(self._open.values()):
                self._leave(level)

    def _directory(self, level: _Level, name: str) -> _Level:
        self.tally.entries += 1
        self._entries.advance(0)
        source, closed_mode = opened(name, level.source, DIRECTORY)
        try:
            os.mkdir(name, 0o700, dir_fd=level.target)
            target = os.open(name, DIRECTORY, dir_fd=level.target)
        except BaseException:
            os.close(source)
            raise
        self.tally.size += os.fstat(target).st_blocks * 512
        path = f"{level.path}/{name}" if level.path else name
        return self._enter(source, target, path, closed_mode)

    def _enter(self, source: int, target: int, path: str, closed_mode: int | None) -> _Level:
        level = _Level(source, target, os.fstat(source), path, closed_mode)
        self._open[source] = level
        if self._skip(path):
            return level
        files: list[str] = []
        others: list[str] = []
        with os.scandir(source) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False):
                    files.append(entry.name)
                elif entry.is_dir(follow_symlinks=False):
                    level.below.append(entry.name)
                else:
                    others.append(entry.name)
        for start in range(0, len(files), BATCH):
            self._copy_files(level, files[start : start + BATCH])
        for name in others:
            if not self._entries.copy_other(source, target, name):
                self._one_of_several(level, name)
        return level

    def _copy_files(self, level: _Level, names: list[str]) -> None:
        if len(names) > FEW and self.tally.entries >= ALONE:
            level.batches += 1
            self._crew.hand_out(level.source, level.target, names, partial(self._done, level))
            return
        for name in names:
            if not self._entries.copy_file(level.source, level.target, name):
                self._one_of_several(level, name)

    def _done(self, level: _Level, left: list[str]) -> None:
        """A batch was copied but for the files in it that have other names too."""
        for name in left:
            self._one_of_several(level, name)
        level.batches -= 1
        self._finish(level)

    def _one_of_several(self, level: _Level, name: str) -> None:
        """A name of a file that has more: the first is a copy, the others are links to that."""
        info = os.stat(name, dir_fd=level.source, follow_symlinks=False)
        key = info.st_dev, info.st_ino
        first = self._links.get(key)
        if first is not None and self._link(level, name, first):
            self.tally.entries += 1
            self._entries.advance(0)
            return
        file = stat.S_ISREG(info.st_mode)
        copy = self._entries.copy_file if file else self._entries.copy_other
        copy(level.source, level.target, name, several=True)
        self._links.setdefault(key, Link(level.path, name))

    def _link(self, level: _Level, name: str, first: Link) -> bool:
        """Whether the copied file could be given this name too."""
        try:
            os.link(
                f"{first.directory}/{first.name}" if first.directory else first.name,
                name,
                src_dir_fd=self._top,
                dst_dir_fd=level.target,
                follow_symlinks=False,
            )
        except OSError as error:
            if error.errno not in NO_LINK:
                raise
            return False
        return True

    def _finish(self, level: _Level) -> None:
        """Close a directory in which all is done; its times are set when nothing changes it."""
        if level.walked and not level.batches:
            metadata = self._entries.metadata
            metadata.copy(level.info, level.source, level.target, level.closed_mode)
            self._leave(level)

    def _leave(self, level: _Level) -> None:
        del self._open[level.source]
        if level.closed_mode is not None:
            os.fchmod(level.source, level.closed_mode)
        os.close(level.source)
        os.close(level.target)
