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
    told = _compared(store, before, after, "--raw", "--numstat")
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


def patches(store: Store, before: str, after: str, most: int) -> dict[str, str]:
    """The unified diffs by path, without their heads, each cut after `most` bytes; none of them
    when git would take too long. Raises StoreError."""
    told = _compared(store, before, after, "--raw", "-p")
    head, _, text = told.partition(b"\0\0")
    fields = head.split(b"\0")
    found: dict[str, str] = {}
    sections = iter((b"\n" + text).split(b"\ndiff --git ")[1:])
    for entry, path in zip(fields[::2], fields[1::2], strict=False):
        section = next(sections, b"")
        lines = _hunks(section)
        if entry.endswith(b" T"):  # one that goes, one that comes
            lines += _hunks(next(sections, b""))
        found[os.fsdecode(path)] = _cut(lines, most)
    return found


def _hunks(section: bytes) -> bytes:
    start = section.find(b"\n@@")
    return section[start + 1 :] if start >= 0 else b""


def _cut(lines: bytes, most: int) -> str:
    if len(lines) > most:
        lines = lines[:most].rpartition(b"\n")[0]
    return lines.decode("utf-8", "replace")


def _compared(store: Store, before: str, after: str, *options: str) -> bytes:
    words = ["diff-tree", *PLAIN, "-z", *options]
    try:
        return store.run(*words, f"{before}:{FILES}", f"{after}:{FILES}", seconds=SECONDS)
    except StoreError:  # one of them holds no files, or is none
        return store.run(*words, _tree(store, before), _tree(store, after), seconds=SECONDS)


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
