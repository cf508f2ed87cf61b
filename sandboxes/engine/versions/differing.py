"""What changed between two versions, as git tells it; no attribute of a project has a say."""

from __future__ import annotations

import os
from typing import NamedTuple

from .store import FILES, Store, StoreError

PLAIN = ("--no-ext-diff", "--no-textconv", "--no-color", "--no-renames", "-r")
SECONDS = 5.0


class Difference(NamedTuple):
    """One file. `status` is A, D, M or T (another kind); the lines are None for what is no text."""

    path: str
    status: str
    added: int | None
    removed: int | None


def differences(store: Store, before: str, after: str) -> list[Difference]:
    """The files that differ between two versions; an empty `before` is a version without files.

    Raises StoreError.
    """
    trees = _trees(store, before, after)
    told = store.run("diff-tree", *PLAIN, "-z", "--raw", "--numstat", *trees, seconds=SECONDS)
    fields = told.split(b"\0")
    statuses: dict[bytes, str] = {}
    found = []
    position = 0
    while position < len(fields) and fields[position]:
        field = fields[position]
        if field.startswith(b":"):
            statuses[fields[position + 1]] = field.rpartition(b" ")[2].decode()[:1]
            position += 2
            continue
        added, removed, path = field.split(b"\t", 2)
        found.append(Difference(os.fsdecode(path), statuses[path], _count(added), _count(removed)))
        position += 1
    return found


def patch(store: Store, before: str, after: str, path: str, most: int) -> str:
    """The unified diff of one file, without its head; cut after `most` bytes. Raises StoreError."""
    trees = _trees(store, before, after)
    told = store.run(
        "--literal-pathspecs", "diff-tree", *PLAIN, "-p", "-U3", *trees, "--", path,
        seconds=SECONDS,
    )  # fmt: skip
    lines = told[:most].decode("utf-8", "replace").split("\n")
    if len(told) > most:
        lines = lines[:-1]
    start = next((n for n, line in enumerate(lines) if line.startswith("@@")), len(lines))
    return "\n".join(lines[start:])


def _trees(store: Store, before: str, after: str) -> tuple[str, str]:
    return _tree(store, before), _tree(store, after)


def _tree(store: Store, commit: str) -> str:
    if commit:
        try:
            return (
                store.run("rev-parse", "--verify", "--quiet", f"{commit}:{FILES}").decode().strip()
            )
        except StoreError:
            # A version without files, else the commit itself is missing.
            store.run("cat-file", "-e", f"{commit}^{{commit}}")
    return _word(store.run("mktree", given=b""))


def _word(told: bytes) -> str:
    return told.decode().strip()


def _count(told: bytes) -> int | None:
    return None if told == b"-" else int(told)
