"""What file requests answer, read from the untrusted JSON of whoever has served them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .errors import AgentProtocolError
from .file_stream import FileStream, parse_json
from .spec import FileEntry


@dataclass(frozen=True)
class FileStat(FileEntry):
    """One entry. `version` changes with the content; `target` is where a link points."""

    version: str = ""
    target: str = ""


@dataclass(frozen=True)
class Match:
    """Something found: a line of a text, or with line 0 a name, whose kind is then `text`."""

    path: str
    line: int
    text: str


@dataclass(frozen=True)
class Unpacked:
    """What came out of an archive, which is all that it held."""

    files: int
    bytes: int


class Reading:
    """Content on its way to us: iterate over its blocks, and close it in any case.

    `info` is the file's entry; None for an archive.
    """

    def __init__(self, stream: FileStream, info: FileStat | None, maximum: int | None) -> None:
        self.stream = stream
        self.info = info
        self._blocks = stream.blocks(maximum)

    def __iter__(self) -> Iterator[bytes]:
        return self._blocks

    def __enter__(self) -> Reading:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def interrupt(self) -> None:
        """Wake a thread that waits for the next block; still to be closed."""
        self.stream.interrupt()

    def close(self) -> None:
        self.stream.close()


def parse_listing(data: bytes, limit: int) -> tuple[list[FileEntry], bool]:
    """Read a listing as the agent wrote it; raises AgentProtocolError."""
    try:
        result = parse_json(data)
        entries = [
            FileEntry(str(path), str(kind), int(size), float(mtime), int(mode))
            for path, kind, size, mtime, mode in result["entries"]
        ]
        truncated = bool(result["truncated"])
    except (KeyError, TypeError, ValueError, OverflowError):
        raise AgentProtocolError("The sandbox sent a listing that makes no sense.")
    if len(entries) > limit:
        raise AgentProtocolError("The sandbox sent more entries than were asked for.")
    return entries, truncated


def parse_stat(message: dict[str, Any]) -> FileStat:
    """Read the entry in a frame; raises AgentProtocolError."""
    try:
        entry = message["entry"]
        return FileStat(
            str(entry["path"]),
            str(entry["kind"]),
            max(int(entry["size"]), 0),
            float(entry["mtime"]),
            int(entry["mode"]),
            str(entry["version"])[:200],
            str(entry["target"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        raise AgentProtocolError("The sandbox described a file in a way that makes no sense.")


def parse_matches(data: bytes, limit: int) -> tuple[list[Match], bool, int]:
    """(what was found, whether there is more, texts looked at); raises AgentProtocolError."""
    try:
        result = parse_json(data)
        matches = [Match(str(path), int(line), str(text)) for path, line, text in result["matches"]]
        truncated, files = bool(result["truncated"]), int(result["files"])
    except (KeyError, TypeError, ValueError, OverflowError):
        raise AgentProtocolError("The sandbox sent matches that make no sense.")
    if len(matches) > limit:
        raise AgentProtocolError("The sandbox sent more matches than were asked for.")
    return matches, truncated or len(matches) == limit, files


def parse_unpacked(message: dict[str, Any]) -> Unpacked:
    try:
        return Unpacked(int(message["files"]), int(message["bytes"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        raise AgentProtocolError("The sandbox sent a result that makes no sense.")
