"""The files of a sandbox that has a file system of its own: all of it."""

from __future__ import annotations

import errno
import os

from .places import DIRECTORY, Place, Spot, checked
from .settings import Settings


class World(Place):
    """The whole file system of a sandbox in its own mount namespace, where no path does harm."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def find(self, path: str, follow: bool = True, make: bool = False) -> Spot:
        located = checked(self.settings.locate(path))
        name = os.path.basename(located.rstrip("/"))
        if follow or name in ("", ".", ".."):
            located = os.path.realpath(located)
        else:
            parent = os.path.realpath(os.path.dirname(located.rstrip("/")))
            located = os.path.join(parent, name)
        parent, name = os.path.split(located)
        if make:
            self._count_missing(parent)
            os.makedirs(parent, exist_ok=True)
        return Spot(os.open(parent, DIRECTORY), name or ".")

    def _count_missing(self, directory: str) -> None:
        while not os.path.lexists(directory):
            self.making()
            directory = os.path.dirname(directory)

    def shown(self, path: str) -> str:
        located = os.path.normpath(self.settings.locate(path))
        top = self.settings.workspace
        if located == top:
            return ""
        return located[len(top) + 1 :] if located.startswith(top + "/") else located

    def tops(self) -> list[os.stat_result]:
        return [os.stat(path) for path in ("/", self.settings.workspace, self.settings.home)]

    def check_own(self, spot: Spot) -> None:
        directory = os.readlink(f"/proc/self/fd/{spot.directory}")
        own = (self.settings.workspace, self.settings.home)
        if not any((directory + "/").startswith(top + "/") for top in own):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    def set_closed_mode(self, spot: Spot, mode: int) -> None:
        os.chmod(spot.name, mode, dir_fd=spot.directory)
