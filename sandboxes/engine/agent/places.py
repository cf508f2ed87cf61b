"""Where paths lead: to a directory that is held open and a name in it.

Every operation works on such a pair, so what it has found cannot be exchanged under its hands.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import NamedTuple

from .beneath import open_beneath
from .frames import Failure

MAX_PATH = 4095  # of the kernel
DIRECTORY = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
ESCAPED = re.compile(r"\\x([89a-f][0-9a-f])")  # how listings show bytes that are no UTF-8


class Spot(NamedTuple):
    """`name` in the directory `directory` (a descriptor); "." is the directory itself."""

    directory: int
    name: str

    def stat(self) -> os.stat_result:
        return os.stat(self.name, dir_fd=self.directory, follow_symlinks=False)

    def exists(self) -> bool:
        try:
            self.stat()
        except FileNotFoundError:
            return False
        return True

    def open(self, flags: int, mode: int = 0) -> int:
        """Open it without waiting for anybody (a FIFO's other side) and not through a link."""
        if not flags & os.O_PATH:
            flags |= os.O_NONBLOCK | os.O_NOCTTY
        return open_beneath(self.directory, self.name, flags, mode)


def _nothing() -> None:
    """Nobody counts."""


class Place:
    """The files that a request may reach. `making` is called before each directory that is made
    on the way to a file, and may refuse it."""

    making: Callable[[], None] = staticmethod(_nothing)

    def find(self, path: str, follow: bool = True, make: bool = False) -> Spot:
        """The spot of a path, which need not exist; raises OSError and Failure.

        `follow`: of a link, the spot of what it points to. `make`: missing parents are made.
        """
        raise NotImplementedError

    def shown(self, path: str) -> str:
        """The path as listings name it: relative to the workspace, or absolute outside of it."""
        raise NotImplementedError

    def tops(self) -> list[os.stat_result]:
        """The directories that belong to the sandbox itself and cannot be removed."""
        raise NotImplementedError

    def check_own(self, spot: Spot) -> None:
        """Raise Failure where root must not act for the user: outside his own directories."""

    def set_closed_mode(self, spot: Spot, mode: int) -> None:
        """Set the mode of a file that we may not read ourselves."""
        raise NotImplementedError

    def existing(self, path: str, follow: bool = True) -> Spot:
        """The spot of something that is there, also by the escaped form of its name."""
        try:
            spot = self.find(path, follow)
            if spot.exists() or not ESCAPED.search(path):
                return spot
        except FileNotFoundError:
            if not ESCAPED.search(path):
                raise
        raw = ESCAPED.sub(lambda found: chr(0xDC00 + int(found[1], 16)), path)
        return self.find(raw, follow)

    def is_top(self, info: os.stat_result) -> bool:
        return any(os.path.samestat(info, top) for top in self.tops())


def checked(path: str) -> str:
    """The path, unless none can be like that; raises Failure."""
    if "\0" in path:
        raise Failure("invalid_path", "A path cannot contain the character NUL.")
    if len(os.fsencode(path)) > MAX_PATH:
        raise Failure("invalid_path", "The path is too long.")
    return path
