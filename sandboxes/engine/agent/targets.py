"""The directory that an archive is unpacked to, and what may come to lie in it."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from typing import NoReturn

from .budget import Budget
from .content import Replacement
from .frames import Failure
from .places import Place, Spot


class Target:
    """The directory that an archive is unpacked to, with the bounds of the request."""

    def __init__(self, request: dict, place: Place) -> None:
        self.place = place
        self.budget = Budget(request).over(place)
        self.base: str = request["path"].rstrip("/") or ("/" if request["path"] else ".")
        self.most = int(request["max_bytes"])
        self.most_entries = int(request["max_entries"])
        self.entries = self.files = self.bytes = 0
        # Paths that were not there before, and whether it is a directory.
        self._made: list[tuple[str, bool]] = []
        self._path = ""
        self._parents = 0  # made on the way to the spot
        self._count_parents(place)

    def _count_parents(self, place: Place) -> None:
        making = place.making

        def counted() -> None:
            making()
            self._parents += 1

        place.making = counted

    def spot(self, name: str, *, directory: bool = False) -> Spot | None:
        """Where a member goes; None for the directory itself. Refused are ways out, and content
        under a name that is a directory's: it would be lost."""
        self.entries += 1
        if self.entries > self.most_entries:
            raise Failure("too_large", f"The archive has more than {self.most_entries} entries.")
        parts = [part for part in name.split("/") if part not in ("", ".")]
        if ".." in parts:
            raise Failure("invalid_archive", f"The archive names a path outside of it: {name}")
        if not directory and name.rpartition("/")[2] in ("", "."):
            raise Failure(
                "invalid_archive", f"It is a directory and no file: {name or '(no name)'}"
            )
        if not parts:
            return None
        self._path = "/".join([self.base.rstrip("/"), *parts])
        self._parents = 0
        spot = self.place.find(self._path, follow=False, make=True)
        above = self._path.split("/")
        for missing in range(self._parents, 0, -1):
            self._made.append(("/".join(above[:-missing]), True))
        self.budget.look(spot.directory)
        return spot

    def take_back(self) -> None:
        """Remove what the archive has brought so far and was not there before."""
        for path, is_directory in reversed(self._made):
            try:
                spot = self.place.find(path, follow=False)
                remove = os.rmdir if is_directory else os.unlink
                remove(spot.name, dir_fd=spot.directory)
                os.close(spot.directory)
            except (OSError, Failure):  # gone meanwhile, or somebody has put something in it
                continue

    def directory(self, spot: Spot, mode: int | None) -> None:
        if spot.exists():
            # A link to a directory is as good.
            if not stat.S_ISDIR(os.stat(spot.name, dir_fd=spot.directory).st_mode):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
            return
        self.budget.entry()
        os.mkdir(spot.name, 0o755, dir_fd=spot.directory)
        self._made.append((self._path, True))
        if mode is not None:
            descriptor = spot.open(os.O_RDONLY | os.O_DIRECTORY)
            os.fchmod(descriptor, mode & 0o777 | 0o700)
            os.close(descriptor)

    def file(self, spot: Spot, mode: int | None, pieces: Iterator[bytes]) -> None:
        fresh, path = not spot.exists(), self._path
        with Replacement(spot, mode, spot.name, self.budget) as file:
            for piece in pieces:
                file.write(piece)
                self.bytes += len(piece)
            file.put()
        if fresh:
            self._made.append((path, False))
        self.files += 1

    def link(self, spot: Spot, target: str) -> None:
        """A link may point anywhere: it is followed inside the sandbox only."""
        self._make_way(spot)
        self.budget.entry()
        os.symlink(target, spot.name, dir_fd=spot.directory)
        self._made.append((self._path, False))
        self.files += 1

    def hard_link(self, spot: Spot, name: str) -> None:
        path = self._path
        source = self.spot(name)
        if source is None or not stat.S_ISREG(source.stat().st_mode):
            raise Failure("invalid_archive", f"The archive links to what is no file: {name}")
        if source.exists() and spot.exists() and os.path.samestat(source.stat(), spot.stat()):
            return
        self._make_way(spot)
        os.link(
            source.name,
            spot.name,
            src_dir_fd=source.directory,
            dst_dir_fd=spot.directory,
            follow_symlinks=False,
        )
        self._made.append((path, False))
        os.close(source.directory)
        self.files += 1

    def refuse(self, name: str) -> NoReturn:
        """Nothing is left out silently: who sends an archive thinks that all of it has arrived."""
        raise Failure(
            "invalid_archive", f"It is no file, folder or link, which is all that is taken: {name}"
        )

    def _make_way(self, spot: Spot) -> None:
        try:
            os.unlink(spot.name, dir_fd=spot.directory)
        except FileNotFoundError:
            pass
