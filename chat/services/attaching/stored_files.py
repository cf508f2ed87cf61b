"""The bytes of attachments: files below the data directory, each under its row's id."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from chat.services.attaching.file_types import Sniffer

BLOCK = 256 * 1024
_COMING = ".part"


class TooLarge(Exception):
    """The content is longer than was allowed."""


@dataclass(frozen=True)
class Received:
    """What came: its length, its digest, and what it is."""

    size: int
    sha256: str
    media_type: str


def receive(attachment_id: str, content: Iterable[bytes], most: int) -> Received:
    """Write a content to the disk as it comes. Raises TooLarge beyond `most` bytes; of what was
    not received whole nothing is left."""
    path = path_of(attachment_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    coming = path.with_suffix(_COMING)
    digest, sniffer, size = hashlib.sha256(), Sniffer(), 0
    try:
        descriptor = os.open(coming, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            for block in content:
                size += len(block)
                if size > most:
                    raise TooLarge
                digest.update(block)
                sniffer.feed(block)
                file.write(block)
        coming.replace(path)
    except BaseException:
        coming.unlink(missing_ok=True)
        raise
    return Received(size, digest.hexdigest(), sniffer.media_type())


def blocks(attachment_id: str) -> Iterator[bytes]:
    """The content, block by block. Raises FileNotFoundError when it is gone."""
    with path_of(attachment_id).open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def beginning(attachment_id: str, most: int) -> bytes:
    """The first `most` bytes of it. Raises FileNotFoundError when it is gone."""
    with path_of(attachment_id).open("rb") as file:
        return file.read(most)


def share(attachment_id: str, other: str) -> None:
    """Let `other` have the same content, by the same bytes of the disk. Raises FileNotFoundError
    when it is gone."""
    path = path_of(other)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.link(path_of(attachment_id), path)
    os.utime(path)  # it is as young as a row that is not committed yet


def remove(attachment_id: str) -> None:
    path_of(attachment_id).unlink(missing_ok=True)


def older_than(seconds: float) -> Iterator[str]:
    """Ids of the files that were written so long ago, also of those that never came whole."""
    before = time.time() - seconds
    for folder in _entries(_directory()):
        for entry in _entries(Path(folder.path)):
            with suppress(FileNotFoundError):
                if entry.stat(follow_symlinks=False).st_mtime < before:
                    if entry.name.endswith(_COMING):
                        os.unlink(entry.path)
                    else:
                        yield entry.name


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _directory() -> Path:
    return Path(settings.DATA_DIR) / "attachments"


def path_of(attachment_id: str) -> Path:
    """Where it lies, whether it is there or not."""
    # Ids are made here, of letters and digits; the last two spread them over folders.
    return _directory() / attachment_id[-2:] / attachment_id
