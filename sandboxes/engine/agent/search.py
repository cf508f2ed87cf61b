"""Search in names and in texts, with a bound on everything."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
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
    "files"} as content; `files` says how many texts were read. `truncated`: there is more, or may
    be, because not everything was looked through."""
    search = Search(request, place)
    spot = place.existing(request["path"])
    found = walk(
        spot.open(READ_DIRECTORY),
        exclude=set(request["exclude"]),
        most=MAX_ENTRIES + 1,
        lost=search.lost,
    )
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

    def lost(self, *_: object) -> None:
        """A directory could not be read."""
        self.truncated = True

    def look(self, entry: Found) -> None:
        if entry.last and stat.S_ISDIR(entry.info.st_mode):
            self.truncated = True  # what lies in it is too deep
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
        except FileNotFoundError:
            return
        except OSError:  # closed to us
            self.truncated = True
            return
        with open(descriptor, "rb", buffering=0) as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return
            data = file.read(SNIFFED) or b""
            if b"\0" in data:
                return
            while len(data) < MAX_FILE and (more := file.read(MAX_FILE - len(data))):
                data += more
            if len(data) >= MAX_FILE and file.read(1):
                self.truncated = True
        self.files += 1
        self.budget -= len(data)
        self._find(data, self.prefix + printable(entry.path))

    def _find(self, data: bytes, path: str) -> None:
        if self.case or self.needle.isascii():
            found = _in_bytes(data, data if self.case else data.lower(), self.needle)
        else:
            found = _in_text(data.decode("utf-8", "replace"), self.text)
        for count, (number, line) in enumerate(found):
            if count >= LINES_PER_FILE or self.full:
                self.truncated = True
                return
            self.matches.append([path, number, line])


def _in_bytes(data: bytes, plain: bytes, needle: bytes) -> Iterator[tuple[int, str]]:
    """Lines of `data`, by number and as they are shown, that hold the needle in `plain`, which has
    the same bytes but for the case of ASCII letters."""
    position = line = counted = 0
    while (position := plain.find(needle, position)) >= 0:
        line += plain.count(b"\n", counted, position)
        start = plain.rfind(b"\n", 0, position) + 1
        end = plain.find(b"\n", position)
        end = len(plain) if end < 0 else end
        before = data[start:position].decode("utf-8", "replace")
        yield (
            line + 1,
            _excerpt(before + data[position:end].decode("utf-8", "replace"), len(before)),
        )
        counted = position = end


def _in_text(text: str, needle: str) -> Iterator[tuple[int, str]]:
    """The same for a needle with letters of all scripts. Letters may become several when they
    change their case, so what is found is looked up in the line that it stands in."""
    plain, lines = text.lower(), text.split("\n")
    position = line = counted = 0
    while (position := plain.find(needle, position)) >= 0:
        line += plain.count("\n", counted, position)
        inside = position - (plain.rfind("\n", 0, position) + 1)
        shown = lines[line]
        if len(shown) > MAX_LINE and len(shown.lower()) != len(shown):
            inside = _unlowered(shown, inside)
        yield line + 1, _excerpt(shown, inside)
        counted = position = max(plain.find("\n", position), 0) or len(plain)


def _unlowered(line: str, position: int) -> int:
    """Which letter of the line became the one at `position` of the line in lower case."""
    for index, letter in enumerate(line):
        position -= len(letter.lower())
        if position < 0:
            return index
    return len(line)


def _excerpt(line: str, position: int) -> str:
    """A line as it is shown; a long one around what was found."""
    line = line.rstrip("\r")
    start = max(0, position - BEFORE) if len(line) > MAX_LINE else 0
    return ("…" if start else "") + line[start : start + MAX_LINE]
