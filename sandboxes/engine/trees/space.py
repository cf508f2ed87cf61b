"""The disk space that a copy leaves free."""

from __future__ import annotations

import os
import time

TICK = 0.2  # seconds between two looks
ENTRIES, BYTES = 64, 4 << 20  # after which the clock is looked at


class DiskFull(Exception):
    """No more than the reserve is left."""


class Space:
    """Looks after `reserve` bytes on the disk of the directory `target` while it is written to."""

    def __init__(self, reserve: int, target: int) -> None:
        self._reserve = reserve
        self._target = target
        self._looked = time.monotonic()
        self._entries = 0
        self._bytes = 0

    def advance(self, size: int) -> None:
        """To be told of every entry and every few megabytes; raises DiskFull."""
        self._entries += 1
        self._bytes += size
        if self._entries < ENTRIES and self._bytes < BYTES:
            return
        self._entries = self._bytes = 0
        if time.monotonic() - self._looked >= TICK:
            self._looked = time.monotonic()
            self.look()

    def look(self) -> None:
        disk = os.fstatvfs(self._target)
        if disk.f_bavail * disk.f_frsize < self._reserve:
            raise DiskFull
