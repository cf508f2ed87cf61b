"""A walk through a workspace by descriptors: what belongs to a version, and what is left out."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from . import ignoring, kinds, left_out
from .bounds import Bounds
from .ignoring import Rules
from .left_out import LeftOut

READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
DIRECTORY = READ | os.O_DIRECTORY


class Found(NamedTuple):
    """A file, link or folder that belongs to the version. `directory` is a descriptor of the
    folder it lies in, open until the next one is asked for; `rules` are those that held there."""

    path: str
    name: str
    directory: int
    info: os.stat_result
    empty: bool = False  # of a folder: nothing is in it


@dataclass
class _Level:
    directory: int
    prefix: str
    children: Iterator[os.DirEntry[str]]
    beside: frozenset[str]
    rules: Rules
    ignored: bool


@dataclass
class Walk:
    """`also` are paths that belong to the version whatever the rules say. `known` says of a path
    and the digest of the rules for it whether it was not ignored before, so that they need not be
    asked again."""

    top: int
    bounds: Bounds
    also: frozenset[str] = frozenset()
    known: dict[str, str] = field(default_factory=dict)
    left: LeftOut = field(default_factory=LeftOut)
    digests: dict[str, str] = field(default_factory=dict)  # of the paths given, to be known later
    _looked: int = 0
    _files: int = 0
    _ignore_files: int = 0

    def entries(self) -> Iterator[Found]:
        """Parents before children; nothing that is renamed meanwhile leads elsewhere."""
        folders = frozenset(_folders_of(self.also))
        levels = [self._enter(os.dup(self.top), "", Rules(), False)]
        try:
            while levels:
                level = levels[-1]
                entry = next(level.children, None)
                if entry is None:
                    os.close(levels.pop().directory)
                    continue
                path = level.prefix + entry.name
                try:
                    info = entry.stat(follow_symlinks=False)
                except OSError:  # gone meanwhile
                    continue
                if not stat.S_ISDIR(info.st_mode):
                    if self._belongs(level, entry.name, path, info):
                        yield Found(path, entry.name, level.directory, info)
                    continue
                ignored = self._is_closed_to_us(level, entry.name, path, path in folders)
                if ignored is None:
                    continue
                below = self._below(level, entry.name, path, ignored, len(levels))
                if below is None:
                    continue
                levels.append(below)
                if not ignored:
                    yield Found(path, entry.name, level.directory, info, not below.beside)
        finally:
            for level in levels:
                os.close(level.directory)

    def _is_closed_to_us(self, level: _Level, name: str, path: str, wanted: bool) -> bool | None:
        """Of a folder: None not to enter it, True to look for data of the app only."""
        if kinds.is_repository(name):
            self.left.add(left_out.REPOSITORY, path)
            return None
        if wanted:
            return False
        if kinds.is_made(name, level.beside):
            self.left.add(left_out.DEPENDENCIES, path)
            return None
        if level.ignored:
            return True
        if self._ignores(level, path, directory=True):
            self.left.add(left_out.IGNORED, path)
            return True
        return False

    def _below(
        self, level: _Level, name: str, path: str, ignored: bool, depth: int
    ) -> _Level | None:
        if depth >= self.bounds.depth:
            self.left.add(left_out.BEYOND, path)
            return None
        try:
            directory = os.open(name, DIRECTORY, dir_fd=level.directory)
        except OSError:
            self.left.add(left_out.CLOSED, path)
            return None
        below = self._enter(directory, path + "/", level.rules, ignored)
        if not {kinds.ENVIRONMENT, kinds.CACHE_TAG}.isdisjoint(below.beside):
            os.close(directory)
            self.left.add(left_out.DEPENDENCIES, path)
            return None
        return below

    def _enter(self, directory: int, prefix: str, rules: Rules, ignored: bool) -> _Level:
        children: list[os.DirEntry[str]] = []
        try:
            with os.scandir(directory) as found:
                for entry in found:
                    if self._looked >= self.bounds.entries:
                        self.left.add(left_out.BEYOND, prefix + entry.name)
                        break
                    self._looked += 1
                    children.append(entry)
        except OSError:
            self.left.add(left_out.CLOSED, prefix)
        children.sort(key=lambda entry: entry.name)
        names = frozenset(entry.name for entry in children)
        if ignoring.NAME in names and self._ignore_files < ignoring.MOST_FILES:
            text = _text(directory, ignoring.NAME)
            if text:
                self._ignore_files += 1
                rules = rules.below(prefix, text)
        return _Level(directory, prefix, iter(children), names, rules, ignored)

    def _belongs(self, level: _Level, name: str, path: str, info: os.stat_result) -> bool:
        if kinds.is_repository(name):
            self.left.add(left_out.REPOSITORY, path)
            return False
        if kinds.is_shared_memory(path):
            return False
        if not (stat.S_ISREG(info.st_mode) or stat.S_ISLNK(info.st_mode)):
            self.left.add(left_out.SPECIAL, path)
            return False
        if path not in self.also and not kinds.is_data(path):
            if level.ignored:
                return False
            if self._ignores(level, path, directory=False):
                self.left.add(left_out.IGNORED, path)
                return False
        if info.st_size > self.bounds.file_bytes:
            self.left.add(left_out.LARGE, path)
            return False
        if self._files >= self.bounds.files:
            self.left.add(left_out.BEYOND, path)
            return False
        self._files += 1
        return True

    def _ignores(self, level: _Level, path: str, *, directory: bool) -> bool:
        digest = level.rules.digest
        if not digest:
            return False
        self.digests[path] = digest
        if self.known.get(path) == digest:
            return False
        ignored = level.rules.ignores(path, directory=directory)
        if ignored:
            del self.digests[path]
        return ignored


def _text(directory: int, name: str) -> bytes:
    try:
        descriptor = os.open(name, READ, dir_fd=directory)
    except OSError:
        return b""
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return b""
        return os.read(descriptor, ignoring.MOST_BYTES)
    finally:
        os.close(descriptor)


def _folders_of(paths: frozenset[str]) -> Iterator[str]:
    for path in paths:
        parts = path.split("/")
        for end in range(1, len(parts)):
            yield "/".join(parts[:end])
