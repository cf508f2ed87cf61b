"""What one file request may add to the disk, counted as the host's meter.py counts."""

from __future__ import annotations

import os

from .frames import Failure
from .places import Place

BLOCK = 4096
LOOK = 8 << 20  # bytes between two looks at what is free on the disk


class Budget:
    """The bounds of a request: `room` for all of it and `file_bytes` for each file, None for no
    end, and `reserve`, which stays free on the disk. `grown`: what has been added so far.

    What a request replaces is given back before it is written anew, so that a file which stays
    as large as it was can always be saved.
    """

    def __init__(self, request: dict) -> None:
        bounds = request.get("budget") or {}
        self.room: int | None = bounds.get("room")
        self.most: int | None = bounds.get("file_bytes")
        self.reserve: int = bounds.get("reserve") or 0
        self.grown = 0
        self._unlooked = LOOK  # so that the first byte looks

    def over(self, place: Place) -> Budget:
        """Also count the directories that the place makes on the way to a file."""
        place.making = self.entry
        return self

    def entry(self) -> None:
        """A directory, a link, a file without content."""
        self._take(BLOCK)
        self._unlooked += BLOCK

    def returned(self, info: os.stat_result) -> None:
        """What had this name is replaced or removed; one of several names frees nothing."""
        if info.st_nlink <= 1:
            self.grown -= max(info.st_blocks * 512, BLOCK)

    def extended(self, size: int, more: int) -> None:
        """A file of `size` bytes is to get `more`; to be told before they are written."""
        if self.most is not None and size + more > self.most:
            raise Failure("file_too_large", f"One file may have {self.most} bytes here.")
        self._take(_taken(size + more) - _taken(size))
        self._unlooked += more

    def scratch(self, size: int, directory: int) -> None:
        """The request itself lies on the disk for a while, with so many bytes."""
        if self.room is not None and size > self.room:
            raise Failure("no_room", "There is no room for it.")
        self._unlooked += size
        self.look(directory)

    def look(self, directory: int) -> None:
        """Raise Failure when the disk is about to be full that `directory`, or a file, lies on. One
        of another size than that of the workspace, where we are, is memory and nobody's reserve."""
        if not self.reserve or self._unlooked < LOOK:
            return
        self._unlooked = 0
        disk = os.fstatvfs(directory)
        if disk.f_blocks != os.statvfs(".").f_blocks:
            return
        if disk.f_bavail * disk.f_frsize < self.reserve:
            raise Failure("disk_reserve", "The disk is nearly full.")

    def _take(self, size: int) -> None:
        if size > 0 and self.room is not None and self.grown + size > self.room:
            raise Failure("no_room", "There is no room for it.")
        self.grown += size


class Growth:
    """One file as it is written, `size` bytes so far; a new one counts as an entry at once."""

    def __init__(self, budget: Budget, descriptor: int, size: int | None = None) -> None:
        self.budget = budget
        self.descriptor = descriptor
        self.size = size or 0
        if size is None:
            budget.entry()

    def write(self, data: bytes | memoryview) -> None:
        self.budget.extended(self.size, len(data))
        self.budget.look(self.descriptor)
        view = memoryview(data)
        while view:
            written = os.write(self.descriptor, view)
            self.size += written
            view = view[written:]


def _taken(size: int) -> int:
    return max(-(-size // BLOCK), 1) * BLOCK
