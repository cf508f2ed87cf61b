"""Reading saved versions: what changed between two, one file's diff, all files as an archive.

Who waits for git has a share of the few places and a deadline.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sandboxes.engine.versions import differing
from sandboxes.engine.versions.differing import Difference
from sandboxes.engine.versions.left_out import printable
from sandboxes.engine.versions.process import VersionFailed
from sandboxes.engine.versions.store import StoreError
from sandboxes.engine.versions.zipping import zipped
from sandboxes.host import versions
from sandboxes.models import Checkpoint
from vibe.refusal import Refusal
from vibe.shares import Shares
from vibe.shares.owner import of_user

_places = Shares("comparisons of versions", total=6, each=2, patience=10.0)
STATUSES = {"A": "added", "D": "deleted", "M": "changed", "T": "changed"}
MOST_FILES = 500  # that are told one by one
MOST_PATCHES = 100
MOST_PATCH = 200_000  # bytes of one file's diff


@dataclass(frozen=True)
class FileChange:
    """One file. The lines are None for what is no text; so is the patch, which is also left out
    where there are many."""

    path: str
    status: str
    added: int | None
    removed: int | None
    patch: str | None


@dataclass(frozen=True)
class Changes:
    """`more` files have changed besides those that are told."""

    files: list[FileChange]
    more: int
    added: int
    removed: int

    @property
    def count(self) -> int:
        """Files that changed, those included that are not told."""
        return len(self.files) + self.more


def changes(after: Checkpoint, before: Checkpoint | None, *, patches: bool = True) -> Changes:
    """What changed from one saved version to another of the same sandbox; of the first one, all
    its files. Raises Refusal."""
    check_made(after)
    start = before.commit if before is not None else ""
    try:
        store = versions.store_of(after.sandbox)
        with _places.place_now(of_user(after.sandbox.owner_id)):
            found = differing.differences(store, start, after.commit)
            texts = differing.patches(store, start, after.commit, MOST_PATCH) if patches else {}
    except (VersionFailed, StoreError) as error:
        raise unreadable(error) from error
    told = [_told(one, texts) for one in found[:MOST_FILES]]
    return Changes(
        told,
        len(found) - len(told),
        sum(one.added or 0 for one in found),
        sum(one.removed or 0 for one in found),
    )


def archive(checkpoint: Checkpoint) -> Iterator[bytes]:
    """All files of a version as a zip, as it is made. Raises Refusal."""
    check_made(checkpoint)
    try:
        return zipped(versions.store_of(checkpoint.sandbox), checkpoint.commit)
    except VersionFailed as error:
        raise unreadable(error) from error


def _told(one: Difference, texts: dict[str, str]) -> FileChange:
    is_text = one.added is not None
    patch = texts.get(one.path) if is_text else None
    status = STATUSES.get(one.status, "changed")
    return FileChange(printable(one.path), status, one.added, one.removed, patch)


def check_made(checkpoint: Checkpoint) -> None:
    """Raise Refusal unless it holds files."""
    if checkpoint.status != Checkpoint.Status.MADE:
        why = checkpoint.error or f"It is {checkpoint.get_status_display()}."
        raise Refusal(f"This version holds no files. {why}", "Choose another.", "conflict")


def unreadable(error: Exception) -> Refusal:
    """What is told of a version that git cannot read."""
    return Refusal(
        f"The version cannot be read: {error}",
        "Try again; if it stays so, tell the operator.",
        "unavailable",
    )
