"""The workspace, as it is now, made a version."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import kinds, left_out
from .bounds import Bounds
from .importing import Import
from .left_out import LeftOut
from .seen import TICK, Seen, mark
from .store import LINK, Blob, Store, StoreError
from .walking import READ, Found, Walk

FILE_MODE, FOLDER_MODE, PROGRAM_MODE = 0o644, 0o755, 0o755


@dataclass
class Recorded:
    """A version, and what is in it."""

    commit: str
    tree: str
    files: dict[str, Blob]
    modes: dict[str, int]
    folders: dict[str, int]
    left: LeftOut
    data: list[str] = field(default_factory=list)
    changed: bool = True


def record(
    store: Store,
    top: int,
    name: str,
    *,
    cache: Path,
    bounds: Bounds,
    when: int,
    also: frozenset[str] = frozenset(),
    always: bool = True,
) -> Recorded:
    """Make the workspace with the descriptor `top` the version `name`.

    `cache` is what the one before has left there. Unless `always`, nothing is made of a workspace
    in which nothing has changed since. Raises StoreError, OSError.
    """
    store.make()
    try:
        return _Recording(store, top, Seen.load(cache), bounds, also).made(
            name, cache, when, always
        )
    except StoreError:
        # The repository lacks what the cache speaks of, or is broken: once more from the start.
        cache.unlink(missing_ok=True)
        return _Recording(store, top, Seen(), bounds, also).made(name, cache, when, always)


class _Recording:
    def __init__(
        self, store: Store, top: int, before: Seen, bounds: Bounds, also: frozenset[str]
    ) -> None:
        known = {path: row[7] for path, row in before.files.items() if row[7]}
        self._walk = Walk(top, bounds, also, known | before.folders)
        self._import = Import(store)
        self._before = before
        self._bounds = bounds
        self._bytes = 0
        self._rows: dict[str, list[Any]] = {}
        self._modes: dict[str, int] = {}
        self._folders: dict[str, int] = {}
        self._found_folders: list[str] = []

    def made(self, name: str, cache: Path, when: int, always: bool) -> Recorded:
        try:
            return self._made(name, cache, when, always)
        finally:
            self._import.close()

    def _made(self, name: str, cache: Path, when: int, always: bool) -> Recorded:
        fresh_from = when * 1_000_000_000 - TICK
        for found in self._walk.entries():
            if stat.S_ISDIR(found.info.st_mode):
                self._folder(found)
            else:
                self._file(found, fresh_from)
        files = {path: Blob(row[4], row[5]) for path, row in self._rows.items()}
        old = self._before.files
        changed = {
            path: blob
            for path, blob in files.items()
            if path not in old or (old[path][4], old[path][5]) != blob
        }
        gone = [path for path in old if path not in files]
        facts = json.dumps({"modes": self._modes, "folders": self._folders}, sort_keys=True)
        data = [path for path in files if kinds.is_data(path)]
        left = self._walk.left
        if not (always or changed or gone or facts != self._before.facts):
            tree = self._before.tree
            self._remember(tree, facts, cache)
            return Recorded("", tree, files, self._modes, self._folders, left, data, changed=False)
        commit, tree = self._import.commit(
            name,
            base=self._before.tree,
            changed=changed,
            gone=gone,
            facts=facts.encode(),
            when=when,
        )
        self._remember(tree, facts, cache)
        return Recorded(commit, tree, files, self._modes, self._folders, left, data)

    def _folder(self, found: Found) -> None:
        self._found_folders.append(found.path)
        mode = stat.S_IMODE(found.info.st_mode) & 0o777
        if found.empty or mode != FOLDER_MODE:
            self._folders[found.path] = mode

    def _file(self, found: Found, fresh_from: int) -> None:
        info = found.info
        if self._bytes + info.st_size > self._bounds.bytes:
            self._walk.left.add(left_out.BEYOND, found.path)
            return
        before = self._before.files.get(found.path)
        permissions = stat.S_IMODE(info.st_mode) & 0o777
        if before is not None and before[:4] == mark(info):
            row = [*before[:4], self._git_mode(info), before[5], permissions]
        else:
            content = _content(found, self._bounds.file_bytes)
            if content is None:
                self._walk.left.add(left_out.CLOSED, found.path)
                return
            sha = _id_of(content)
            if before is None or before[5] != sha:
                self._import.content(content)
            # An app may write to its data through memory, which changes no time at once.
            lasting = info.st_ctime_ns < fresh_from and not kinds.is_data(found.path)
            times = mark(info) if lasting else [-1, -1, -1, -1]
            row = [*times, self._git_mode(info), sha, permissions]
        self._bytes += info.st_size
        self._rows[found.path] = [*row, ""]
        if not stat.S_ISLNK(info.st_mode):
            usual = PROGRAM_MODE if permissions & 0o100 else FILE_MODE
            if permissions != usual:
                self._modes[found.path] = permissions

    def _git_mode(self, info: os.stat_result) -> str:
        if stat.S_ISLNK(info.st_mode):
            return LINK
        return "100755" if info.st_mode & 0o100 else "100644"

    def _remember(self, tree: str, facts: str, cache: Path) -> None:
        digests = self._walk.digests
        for path, row in self._rows.items():
            row[7] = digests.get(path, "")
        folders = {path: digests[path] for path in self._found_folders if path in digests}
        Seen(tree, self._rows, folders, facts).save(cache)


def _id_of(content: bytes) -> str:
    """The name that git gives to this content."""
    head = b"blob %d\0" % len(content)
    return hashlib.sha1(head + content, usedforsecurity=False).hexdigest()


def _content(found: Found, most: int) -> bytes | None:
    """What the file holds or where the link leads; None when that cannot be read any more."""
    try:
        if stat.S_ISLNK(found.info.st_mode):
            return os.fsencode(os.readlink(found.name, dir_fd=found.directory))
        descriptor = os.open(found.name, READ, dir_fd=found.directory)
    except OSError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        with open(descriptor, "rb", buffering=0, closefd=False) as file:
            content = b""
            while chunk := file.read(min(most + 1 - len(content), 1 << 20)):
                content += chunk
        return content if len(content) <= most else None
    except OSError:
        return None
    finally:
        os.close(descriptor)
