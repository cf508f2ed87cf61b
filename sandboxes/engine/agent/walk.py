"""Walk a directory tree by descriptors: nothing that is renamed meanwhile leads elsewhere."""

from __future__ import annotations

import itertools
import os
import stat
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from .beneath import open_beneath

MAX_DEPTH = 100  # directories that are held open at once
READ_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY


class Found(NamedTuple):
    """One entry: its directory (a descriptor, valid until the next one is asked for), its name
    there, its path below the top of the walk, what it is, and whether it is at the last depth."""

    directory: int
    name: str
    path: str
    info: os.stat_result
    last: bool


def _passed_over(path: str, error: OSError) -> None:
    """Whoever looks for something goes on without it."""


def walk(
    top: int,
    *,
    exclude: Collection[str] = (),
    depth: int = MAX_DEPTH,
    most: int = 100_000,
    lost: Callable[[str, OSError], None] = _passed_over,
) -> Iterator[Found]:
    """Entries below the directory `top`, parents before children, by name.

    Directories named in `exclude` are given but not entered; links are never followed. Of one
    directory `most` entries are given. `lost` hears of directories that cannot be read. Closes
    `top`.
    """
    open_ = [(top, "", iter(_children(top, most, "", lost)))]
    try:
        while open_:
            directory, prefix, children = open_[-1]
            entry = next(children, None)
            if entry is None:
                os.close(open_.pop()[0])
                continue
            try:
                info = entry.stat(follow_symlinks=False)
            except OSError:  # gone meanwhile
                continue
            path = prefix + entry.name
            last = len(open_) >= depth
            yield Found(directory, entry.name, path, info, last)
            if stat.S_ISDIR(info.st_mode) and not last and entry.name not in exclude:
                try:
                    below = open_beneath(directory, entry.name, READ_DIRECTORY)
                except FileNotFoundError:  # gone meanwhile
                    continue
                except OSError as error:
                    lost(path, error)
                    continue
                open_.append((below, path + "/", iter(_children(below, most, path, lost))))
    finally:
        for directory, _, _ in open_:
            os.close(directory)


def _children(
    directory: int, most: int, path: str, lost: Callable[[str, OSError], None]
) -> list[os.DirEntry]:
    try:
        # Its own descriptor: scandir would take over the position of ours.
        with os.scandir(directory) as iterator:
            return sorted(itertools.islice(iterator, most), key=lambda child: child.name)
    except OSError as error:
        lost(path, error)
        return []


def kind_of(mode: int) -> str:
    """file, dir, link or other."""
    for name, test in (("file", stat.S_ISREG), ("dir", stat.S_ISDIR), ("link", stat.S_ISLNK)):
        if test(mode):
            return name
    return "other"


def printable(path: str) -> str:
    """Names that are no UTF-8 would break everything that prints them; they are shown escaped."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
