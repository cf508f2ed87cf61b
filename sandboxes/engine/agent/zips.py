"""A zip from the host: kept first, because its directory is at its end."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Iterator
from typing import Any

from .content import CHUNK, write_all
from .inflating import Incoming, check_size
from .places import MAX_PATH, Spot
from .targets import Target
from .walk import READ_DIRECTORY


def unzip(source: io.BufferedReader[Any], incoming: Incoming, target: Target) -> None:
    workspace = target.place.find(".").open(READ_DIRECTORY)
    kept = os.open(".", os.O_RDWR | os.O_TMPFILE | os.O_CLOEXEC, 0o600, dir_fd=workspace)
    with open(kept, "r+b") as file:
        while chunk := source.read(CHUNK):
            target.budget.scratch(incoming.count, workspace)
            write_all(kept, chunk)
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            for member in archive.infolist():
                spot = target.spot(member.filename, directory=_is_directory(member))
                if spot is None:
                    continue
                try:
                    _unzip_one(archive, member, spot, incoming, target)
                finally:
                    os.close(spot.directory)


def _is_directory(member: zipfile.ZipInfo) -> bool:
    return member.is_dir() and not member.file_size


def _unzip_one(
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    spot: Spot,
    incoming: Incoming,
    target: Target,
) -> None:
    mode = member.external_attr >> 16
    if member.is_dir():
        target.directory(spot, mode or None)
    elif stat.S_ISLNK(mode):
        target.link(spot, _link_target(archive, member))
    elif stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        target.refuse(member.filename)
    else:
        with archive.open(member) as content:

            def pieces() -> Iterator[bytes]:
                while piece := content.read(CHUNK):
                    check_size(target.bytes + len(piece), incoming.count, target.most)
                    yield piece

            target.file(spot, stat.S_IMODE(mode) or None, pieces())


def _link_target(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> str:
    with archive.open(member) as content:
        return os.fsdecode(content.read(MAX_PATH))
