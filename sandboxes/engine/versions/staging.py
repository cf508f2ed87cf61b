"""What a restore is going to do, complete on the disk before the first file of the workspace
changes: after a crash it is done to its end, or nothing of it was done."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .store import LINK, Blob

JOURNAL, APPLIED, NAME = "journal", "applied", "name"

Step = list[Any]


class Staging:
    """The directory `path`, on the file system of the workspace and beside it, holds the new files
    under numbers and the journal, a list of steps:

    ["remove", path], ["rmdir", path], ["folder", path], ["put", number, path, replaces],
    ["mode", path, mode].
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._count = 0

    @property
    def is_pending(self) -> bool:
        """Whether there is a journal whose steps may not all be done."""
        return (self.path / JOURNAL).exists()

    @property
    def is_applied(self) -> bool:
        return (self.path / APPLIED).exists()

    def is_of(self, name: str) -> bool:
        """Whether it was begun for the version `name`."""
        try:
            return (self.path / NAME).read_text() == name
        except OSError:
            return False

    def begin(self, name: str) -> None:
        """Empty, for the restore that becomes the version `name`."""
        self.discard()
        self.path.mkdir(mode=0o700, parents=True)
        (self.path / NAME).write_text(name)

    def add(self, blob: Blob, content: bytes, mode: int, owner: tuple[int, int] | None) -> int:
        """Put a file or a link there; its number."""
        number = self._count
        self._count += 1
        path = self.path / str(number)
        if blob.mode == LINK:
            os.symlink(content, os.fsencode(path))
        else:
            with path.open("xb") as file:
                file.write(content)
                file.flush()
                os.fchmod(file.fileno(), mode)
                os.fdatasync(file.fileno())
        if owner is not None:
            os.chown(path, *owner, follow_symlinks=False)
        return number

    def decide(self, steps: Iterable[Step]) -> None:
        """From here on the restore will be done, whatever happens."""
        fresh = self.path / "new"
        with fresh.open("xb") as file:
            file.write(os.fsencode(json.dumps(list(steps), ensure_ascii=False)))
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(self.path / JOURNAL)
        self._sync()

    def steps(self) -> list[Step]:
        steps: list[Step] = json.loads(os.fsdecode((self.path / JOURNAL).read_bytes()))
        return steps

    def applied(self) -> None:
        """All steps are done; nothing is done again."""
        (self.path / JOURNAL).rename(self.path / APPLIED)
        self._sync()

    def discard(self) -> None:
        """Only ours lies in it: numbered files, links and the journal."""
        if self.path.exists():
            shutil.rmtree(self.path)

    def _sync(self) -> None:
        directory = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
