"""A version put in the place of what the workspace holds now."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from . import kinds
from .applying import apply
from .left_out import LeftOut
from .recording import FILE_MODE, FOLDER_MODE, PROGRAM_MODE, Recorded
from .staging import Staging, Step
from .store import LINK, Blob, Store

Record = Callable[[str, frozenset[str]], Recorded]


@dataclass
class Wanted:
    """What a version says that the workspace holds."""

    files: dict[str, Blob]
    modes: dict[str, int] = field(default_factory=dict)
    folders: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, store: Store, commit: str) -> Wanted:
        facts: dict[str, Any] = json.loads(store.facts_of(commit))
        return cls(store.files_of(commit), facts["modes"], facts["folders"])

    def mode(self, path: str) -> int:
        return self.modes.get(
            path, PROGRAM_MODE if self.files[path].mode == "100755" else FILE_MODE
        )

    def all_folders(self) -> dict[str, int]:
        """Each folder with its mode."""
        found: dict[str, int] = {}
        for path in (*self.files, *(f"{folder}/" for folder in self.folders)):
            parts = path.split("/")
            for end in range(1, len(parts)):
                found.setdefault("/".join(parts[:end]), FOLDER_MODE)
        return found | self.folders


def restore(
    store: Store,
    top: int,
    staging: Staging,
    commit: str,
    *,
    before: str,
    after: str,
    keep_data: bool,
    record: Record,
) -> tuple[Recorded, Recorded, LeftOut]:
    """Let the workspace `top` hold what the version `commit` does. `record` makes versions.

    What it holds now becomes the version `before`, what it holds then `after`; both are given
    back, and what was in the way. A run that was cut off after the files had changed is gone on
    with. Raises StoreError, OSError.
    """
    wanted = Wanted.of(store, commit)
    also = frozenset(wanted.files)
    blocked = apply(top, staging) if staging.is_pending else LeftOut()
    if staging.is_applied and staging.is_of(after):
        present = _kept(store, before)
    else:
        present = record(before, also)
        staging.begin(after)
        staging.decide(_plan(store, top, staging, present, wanted, keep_data))
        blocked = apply(top, staging)
    made = record(after, also)
    return present, made, blocked


def export(
    store: Store, top: int, staging: Staging, commit: str, without: Collection[str] = ()
) -> int:
    """Put the files of a version, but for the paths `without`, into the empty directory `top`,
    which nobody else reaches; how many they are. Raises StoreError, OSError."""
    wanted = Wanted.of(store, commit)
    for path in without:
        wanted.files.pop(path, None)
    nothing = Recorded("", "", {}, {}, {}, LeftOut())
    staging.begin(commit)
    staging.decide(_plan(store, top, staging, nothing, wanted, keep_data=False))
    apply(top, staging)
    staging.discard()
    return len(wanted.files)


def _kept(store: Store, name: str) -> Recorded:
    """A version that an earlier run has made, but for what it has left out."""
    commit = store.run("rev-parse", f"refs/versions/{name}").decode().strip()
    kept = Wanted.of(store, commit)
    data = [path for path in kept.files if kinds.is_data(path)]
    return Recorded(commit, "", kept.files, kept.modes, kept.folders, LeftOut(), data)


def _plan(
    store: Store, top: int, staging: Staging, now: Recorded, wanted: Wanted, keep_data: bool
) -> Iterator[Step]:
    present = Wanted(now.files, now.modes, now.folders)

    def concerned(path: str) -> bool:
        return not (keep_data and kinds.is_data(path))

    for path in present.files:
        if path not in wanted.files and concerned(path):
            yield ["remove", path]
    folders, there = wanted.all_folders(), present.all_folders()
    for path in sorted(there.keys() - folders.keys(), key=lambda path: -path.count("/")):
        yield ["rmdir", path]
    for path in sorted(folders.keys() - there.keys()):
        yield ["folder", path]
    changed = [
        path
        for path, blob in wanted.files.items()
        if concerned(path)
        and (
            present.files.get(path) != blob
            or (blob.mode != LINK and present.mode(path) != wanted.mode(path))
        )
    ]
    info = os.fstat(top)
    owner = (info.st_uid, info.st_gid) if os.geteuid() == 0 else None
    contents = store.contents([wanted.files[path].sha for path in changed])
    for path, content in zip(changed, contents, strict=True):
        number = staging.add(wanted.files[path], content, wanted.mode(path), owner)
        yield ["put", number, path, path in present.files]
    for path, mode in folders.items():
        if there.get(path, FOLDER_MODE) != mode or mode != FOLDER_MODE:
            yield ["mode", path, mode]
