"""File operations of a sandbox, by whichever process serves their streams."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy as duplicate
from typing import Any, Self

from .budget import Budget
from .errors import FileError
from .file_answers import (
    FileStat,
    Match,
    Reading,
    Unpacked,
    parse_listing,
    parse_matches,
    parse_stat,
    parse_unpacked,
)
from .file_stream import FileStream
from .spec import FileEntry

FILE_TIMEOUT = 30.0
TRANSFER_TIMEOUT = 3600.0  # of what is passed on to or from a client as fast as that one is
MAX_LISTING = 32 * 1024 * 1024
MAX_AHEAD = 10_000  # characters of paths, which may take six bytes each in a frame
MAX_UNPACKED = 2 << 30
MAX_ENTRIES = 100_000

File = tuple[str, bytes, int | None]


class FileOperations:
    """Paths are relative to the workspace or absolute, as programs in the sandbox write them.

    Every method may raise FileError and what the stream's opening raises.
    """

    _budget: Budget | None = None
    _root = False

    def within(self, budget: Budget) -> Self:
        """The same, for a request that may add no more than the budget says."""
        bounded = duplicate(self)
        bounded._budget = budget
        return bounded

    def as_root(self) -> Self:
        """The same as root of the sandbox, where it has one: to pack, and to remove and move
        within the user's own directories."""
        rooted = duplicate(self)
        rooted._root = True
        return rooted

    def _stream(self, timeout: float) -> FileStream:
        raise NotImplementedError

    def list_files(
        self,
        path: str = ".",
        depth: int | None = None,
        limit: int = 5000,
        exclude: tuple[str, ...] = (),
        timeout: float = FILE_TIMEOUT,
    ) -> tuple[list[FileEntry], bool]:
        """Entries below `path`, parents first; the flag says that the list was cut short.

        Directories named in `exclude` are listed but not entered.
        """
        request = {"do": "list", "path": path, "depth": depth, "limit": limit}
        data = self._result({**request, "exclude": list(exclude)}, timeout)
        return parse_listing(data, limit)

    def stat(self, path: str, follow: bool = True) -> FileStat:
        with self._stream(FILE_TIMEOUT) as stream:
            stream.send({"do": "stat", "path": path, "follow": follow})
            return parse_stat(stream.answer())

    def read_file(self, path: str, max_bytes: int, timeout: float = FILE_TIMEOUT) -> bytes:
        """The whole content; raises FileError, code too_large beyond `max_bytes`."""
        with self.open_file(path, max_bytes=max_bytes, timeout=timeout) as reading:
            return b"".join(reading)

    def open_file(
        self,
        path: str,
        *,
        offset: int = 0,
        length: int | None = None,
        max_bytes: int | None = None,
        timeout: float = TRANSFER_TIMEOUT,
    ) -> Reading:
        """The content from byte `offset` on, at most `length` bytes, as it comes."""
        request = {"do": "read", "path": path, "offset": offset, "length": length}
        stream = self._opened({**request, "max_bytes": max_bytes}, timeout)
        try:
            bounds = [bound for bound in (length, max_bytes) if bound is not None]
            return Reading(stream, parse_stat(stream.answer()), min(bounds, default=None))
        except BaseException:
            stream.close()
            raise

    def write_files(self, files: list[File], timeout: float = FILE_TIMEOUT) -> None:
        """Write (path, content, mode) each atomically, with parents; raises FileError, before
        anything is written if one of a few paths is a directory or device.

        Mode None keeps that of the file that is there, else means 0o644.
        """
        with self._stream(timeout) as stream:
            paths = [path for path, _, _ in files]
            ahead = {"paths": paths} if sum(map(len, paths)) < MAX_AHEAD else {}
            stream.send(self._bounded({"do": "write", "count": len(files), **ahead}))
            for path, content, mode in files:
                stream.send({"path": path, "mode": mode})
                stream.send_content([content])
            self._grown(stream.answer())

    def write_file(
        self,
        path: str,
        content: Iterable[bytes],
        *,
        mode: int | None = None,
        append: bool = False,
        expect: str | None = None,
        timeout: float = TRANSFER_TIMEOUT,
    ) -> str:
        """Write one file as its content comes; returns its version.

        `expect`: the version that must be there now, "" for none; else FileError, code changed.
        """
        with self._stream(timeout) as stream:
            stream.send(self._bounded({"do": "write", "count": 1}))
            stream.send({"path": path, "mode": mode, "append": append, "expect": expect})
            stream.send_content(content)
            return str(self._grown(stream.answer()).get("version"))[:200]

    def make_directory(self, path: str, parents: bool = True) -> None:
        """With `parents` also those above it, and it may be there already."""
        self._file_operation({"do": "make_directory", "path": path, "parents": parents})

    def remove(self, path: str, recursive: bool = False) -> None:
        """A link is removed, not what it points to."""
        self._file_operation({"do": "remove", "path": path, "recursive": recursive})

    def move(self, src: str, dst: str, overwrite: bool = False) -> None:
        """Raises FileError, code exists, when the target is there already."""
        self._file_operation({"do": "move", "path": src, "target": dst, "overwrite": overwrite})

    def copy(self, src: str, dst: str) -> None:
        """A file or a folder; raises FileError, code exists."""
        self._file_operation({"do": "copy", "path": src, "target": dst})

    def set_mode(self, path: str, mode: int) -> None:
        self._file_operation({"do": "mode", "path": path, "mode": mode})

    def search(
        self,
        text: str,
        *,
        path: str = ".",
        where: str = "content",
        case: bool = False,
        names: str = "",
        limit: int = 200,
        exclude: tuple[str, ...] = (),
    ) -> tuple[list[Match], bool, int]:
        """Look for `text` in `where` (content, names); also gives whether there is more, and how
        many texts were looked at. `names` is a pattern that the files' names must match."""
        if not text:
            raise FileError("invalid_path", "There is nothing to look for.")
        request = {"do": "search", "path": path, "text": text, "where": where, "case": case}
        more = {"names": names, "limit": limit, "exclude": list(exclude)}
        return parse_matches(self._result({**request, **more}, FILE_TIMEOUT), limit)

    def pack(self, path: str, kind: str, exclude: tuple[str, ...] = ()) -> Reading:
        """An archive (`kind`: tar, tar.gz, zip) of what lies below `path`, as it is made."""
        request = {"do": "pack", "path": path, "format": kind, "exclude": list(exclude)}
        stream = self._opened(self._bounded(request), TRANSFER_TIMEOUT)
        try:
            stream.answer()
        except BaseException:
            stream.close()
            raise
        return Reading(stream, None, None)

    def unpack(
        self,
        path: str,
        content: Iterable[bytes],
        *,
        max_bytes: int = MAX_UNPACKED,
        max_entries: int = MAX_ENTRIES,
    ) -> Unpacked:
        """Unpack a tar, tar.gz or zip into `path` as it comes; what is there is replaced."""
        request = {"do": "unpack", "path": path}
        with self._stream(TRANSFER_TIMEOUT) as stream:
            bounds = {"max_bytes": max_bytes, "max_entries": max_entries}
            stream.send(self._bounded({**request, **bounds}))
            stream.send_content(content)
            return parse_unpacked(self._grown(stream.answer()))

    def _file_operation(self, request: dict[str, Any]) -> None:
        with self._stream(FILE_TIMEOUT) as stream:
            stream.send(self._bounded(request))
            self._grown(stream.answer())

    def _bounded(self, request: dict[str, Any]) -> dict[str, Any]:
        if self._root:
            request = {**request, "root": True}
        return request if self._budget is None else {**request, "budget": self._budget.asked()}

    def _grown(self, answer: dict[str, Any]) -> dict[str, Any]:
        if self._budget is not None:
            self._budget.told(answer)
        return answer

    def _result(self, request: dict[str, Any], timeout: float) -> bytes:
        with self._stream(timeout) as stream:
            stream.send(request)
            stream.answer()
            return b"".join(stream.blocks(MAX_LISTING))

    def _opened(self, request: dict[str, Any], timeout: float) -> FileStream:
        stream = self._stream(timeout)
        try:
            stream.send(request)
        except BaseException:
            stream.close()
            raise
        return stream
