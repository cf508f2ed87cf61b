"""The files of a version as a zip, piece by piece, without any of them on the disk."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterator

from .left_out import printable
from .restoring import Wanted
from .store import LINK, Store

LEVEL = 5


class _Pieces(io.RawIOBase):
    """What was written since the last look."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]  # whatever holds bytes
        self.data += piece
        return len(piece)

    def taken(self) -> bytes:
        piece, self.data = bytes(self.data), bytearray()
        return piece


def zipped(store: Store, commit: str) -> Iterator[bytes]:
    """The archive. Raises StoreError."""
    wanted = Wanted.of(store, commit)
    pieces = _Pieces()
    paths = sorted(wanted.files)
    contents = store.contents([wanted.files[path].sha for path in paths])
    with zipfile.ZipFile(pieces, "w", zipfile.ZIP_DEFLATED, True, LEVEL) as archive:
        for path, mode in sorted(wanted.folders.items()):
            folder = zipfile.ZipInfo(printable(path) + "/")
            folder.external_attr = (stat.S_IFDIR | mode) << 16
            archive.writestr(folder, b"")
        for path, content in zip(paths, contents, strict=True):
            member = zipfile.ZipInfo(printable(path))
            member.compress_type = zipfile.ZIP_DEFLATED
            kind = stat.S_IFLNK | 0o777
            if wanted.files[path].mode != LINK:
                kind = stat.S_IFREG | wanted.mode(path)
            member.external_attr = kind << 16
            archive.writestr(member, content)
            if piece := pieces.taken():
                yield piece
    yield pieces.taken()
