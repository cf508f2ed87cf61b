"""Looking into a saved version: which files it holds, what is in one, which hold certain words.

Who waits for git has a share of the few places and a deadline.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from sandboxes.engine.versions.left_out import printable
from sandboxes.engine.versions.process import VersionFailed
from sandboxes.engine.versions.store import LINK, Blob, Store, StoreError
from sandboxes.host import versions
from sandboxes.models import Checkpoint
from sandboxes.services.version_files import check_made, unreadable
from vibe.refusal import Refusal
from vibe.shares import Shares
from vibe.shares.owner import owner

_places = Shares("looks into versions", total=6, each=2, patience=10.0)
SECONDS = 5.0
SEARCH_SECONDS = 20.0


def files_of(checkpoint: Checkpoint) -> dict[str, Blob]:
    """Its files by path. Raises Refusal."""
    with _store(checkpoint) as store:
        return store.files_of(checkpoint.commit)


def text_of(checkpoint: Checkpoint, blob: Blob, most: int) -> tuple[str, int] | None:
    """The first `most` bytes of a file as text, and how many bytes it has; None where it is no
    text, or a link. Raises Refusal."""
    if blob.mode == LINK:
        return None
    with _store(checkpoint) as store:
        size = int(store.run("cat-file", "-s", blob.sha, seconds=SECONDS))
        content = store.run("cat-file", "blob", blob.sha, seconds=SECONDS)
    if b"\0" in content[:8192]:
        return None
    return content[:most].decode("utf-8", "replace"), size


def texts_of(checkpoint: Checkpoint, blobs: Collection[Blob], most: int) -> list[str]:
    """The contents of a few small files, each cut after `most` bytes. Raises Refusal."""
    if not blobs:
        return []
    with _store(checkpoint) as store:
        contents = store.contents([blob.sha for blob in blobs])
        return [content[:most].decode("utf-8", "replace") for content in contents]


def holding(checkpoint: Checkpoint, words: Collection[str]) -> list[str]:
    """The paths of its files in which one of the words stands. Raises Refusal, also when it holds
    more than can be looked through in time."""
    wanted = [word.encode() for word in words if word]
    if not wanted:
        return []
    deadline = time.monotonic() + SEARCH_SECONDS
    found = []
    with _store(checkpoint) as store:
        files = store.files_of(checkpoint.commit)
        contents = store.contents([blob.sha for blob in files.values()])
        for path, content in zip(files, contents, strict=True):
            if any(word in content for word in wanted):
                found.append(path)
            if time.monotonic() > deadline:
                raise Refusal(
                    "This version holds more than can be looked through for secrets.",
                    "Choose another version.",
                    "unavailable",
                )
    return found


def shown(path: str) -> str:
    """A path as people read it."""
    return printable(path)


@contextmanager
def _store(checkpoint: Checkpoint) -> Iterator[Store]:
    check_made(checkpoint)
    try:
        store = versions.store_of(checkpoint.sandbox)
        with _places.place_now(owner()):
            yield store
    except (VersionFailed, StoreError) as error:
        raise unreadable(error) from error
