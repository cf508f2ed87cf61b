"""Search in names and in texts, with a bound on everything."""

from __future__ import annotations

import os
import stat
from fnmatch import fnmatchcase

from .beneath import open_beneath
from .frames import Stream
from .listing import answer
from .places import Place
from .walk import READ_DIRECTORY, Found, kind_of, printable, walk

MAX_ENTRIES = 200_000  # looked at
MAX_FILE = 2 * 1024 * 1024  # bytes of one file that are searched
MAX_BYTES = 256 * 1024 * 1024  # of all
MAX_LINE = 240  # characters of a line that are shown
LINES_PER_FILE = 50
BEFORE = 80  # characters of a long line that are shown before what was found
SNIFFED = 8192


def serve(request: dict, stream: Stream, place: Place) -> None:
    """Answer with {"matches": [[path, line number (0: the name), text], …], "truncated",
    "files"} as content; `files` says how many texts were read."""
    search = Search(request, place)
    spot = place.existing(request["path"])
    found = walk(spot.open(READ_DIRECTORY), exclude=set(request["exclude"]))
    for count, entry in enumerate(found):
        if count >= MAX_ENTRIES or search.full:
            search.truncated = True
            break
        search.look(entry)
    answer(
        stream,
        {
            "matches": search.matches[: search.limit],
            "truncated": search.truncated,
            "files": search.files,
        },
    )


class Search:
    """What is looked for, and what was found."""

    def __init__(self, request: dict, place: Place) -> None:
        self.text: str = request["text"]
        self.in_names = request["where"] == "names"
        self.case = bool(request["case"])
        self.names: str = request.get("names") or ""
        self.limit = int(request["limit"])
        above = printable(place.shown(request["path"]))
        self.prefix = above + "/" if above else ""
        if not self.case:
            self.text = self.text.lower()
        self.needle = self.text.encode()
        self.matches: list[list[object]] = []
        self.files = 0
        self.budget = MAX_BYTES
        self.truncated = False

    @property
    def full(self) -> bool:
        return len(self.matches) > self.limit or self.budget <= 0

    def look(self, entry: Found) -> None:
        name = printable(entry.name)
        if self.in_names:
            if self._matches_name(name):
                kind = kind_of(entry.info.st_mode)
                self.matches.append([self.prefix + printable(entry.path), 0, kind])
        elif stat.S_ISREG(entry.info.st_mode) and (
            not self.names or fnmatchcase(name.lower(), self.names.lower())
        ):
            self._read(entry)

    def _matches_name(self, name: str) -> bool:
        name = name if self.case else name.lower()
        if any(sign in self.text for sign in "*?["):
            return fnmatchcase(name, self.text)
        return self.text in name

    def _read(self, entry: Found) -> None:
        try:
            descriptor = open_beneath(entry.directory, entry.name, os.O_RDONLY | os.O_NONBLOCK)
        except OSError:  # gone, or closed to us
            return
        with open(descriptor, "rb", buffering=0) as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return
            data = file.read(SNIFFED) or b""
            if b"\0" in data:
                return
            while len(data) < MAX_FILE and (more := file.read(MAX_FILE - len(data))):
                data += more
        self.files += 1
        self.budget -= len(data)
        self._find(data, self.prefix + printable(entry.path))

    def _find(self, data: bytes, path: str) -> None:
        plain = data if self.case else data.lower()
        needle = self.needle
        if not self.case and len(plain) == len(data) and not needle.isascii():
            # bytes.lower() knows ASCII only.
            plain = data.decode("utf-8", "replace").lower().encode()
            data = plain if len(plain) != len(data) else data
        position = line = counted = 0
        for _ in range(LINES_PER_FILE):
            position = plain.find(needle, position)
            if position < 0 or self.full:
                return
            line += plain.count(b"\n", counted, position)
            start = plain.rfind(b"\n", 0, position) + 1
            end = plain.find(b"\n", position)
            end = len(plain) if end < 0 else end
            shown = _excerpt(data[start:end], position - start)
            self.matches.append([path, line + 1, shown])
            counted, position = position, end
        if plain.find(needle, position) >= 0:
            self.truncated = True


def _excerpt(line: bytes, position: int) -> str:
    """A line as it is shown; a long one around what was found."""
    start = max(0, position - BEFORE) if len(line) > MAX_LINE else 0
    text = line[start : start + MAX_LINE * 4].decode("utf-8", "replace").rstrip("\r")
    return ("…" if start else "") + text[:MAX_LINE]
