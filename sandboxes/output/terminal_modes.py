"""The modes of a terminal at some byte of its output, for a screen that is drawn from there on.

Of a long output a page gets the end only; what came before may have switched the screen, the
mouse or the meaning of keys. The modes are read off the kept output, with what was found cached.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from copy import deepcopy
from threading import Lock
from typing import Any

import re2

from sandboxes.models import Command, LogChunk

# What a replay cannot lack: keys, colours of the screen, origin, wrapping, mouse and its reports,
# cursor, screens, paste. Of others, such as a pause of drawing, a page would never recover.
PRIVATE = frozenset({
    1, 5, 6, 7, 9, 12, 25, 45, 47, 66, 1000, 1002, 1003, 1004, 1005, 1006, 1007, 1015, 1016, 1047,
    1049, 2004,
})  # fmt: skip
ANSI = frozenset({4, 20})  # insert, new line
SCREENS = (47, 1047, 1049)
MICE = (9, 1000, 1002, 1003)
# How a terminal begins, where that is not "off".
AT_FIRST = {7: True, 25: True}
MAX_TITLE = 300
MAX_TITLES = 10
MAX_TORN = 4096  # bytes of a sequence whose end has not come yet
CACHED = 64
# Of an output that does nothing but switch, after so many the part before the end is passed over.
MOST_TAKEN = 200_000
LAST_BYTES = 1 << 20


def _finding(pattern: bytes) -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    return re2.compile(pattern, options)


_PATTERN = (
    rb"\x1b\[(?P<private>\??)(?P<modes>[0-9;]{1,64})(?P<switch>[hl])"
    rb"|\x1b\[(?P<region>(?:[0-9]{0,5};)?[0-9]{0,5})r"
    rb"|\x1b\[(?P<shape>[0-9]{0,2}) q"
    rb"|\x1b\[(?P<titles>2[23])(?:;[0-9]{1,2}){0,2}t"
    rb"|\x1b\](?P<kind>[02]);(?P<title>[^\x07\x1b\x18\x1a]*)(?:\x07|\x1b\\)"
    rb"|\x1b(?P<set>[()*+])(?P<letters>[0-~])"
    rb"|\x1b(?P<keypad>[=>])"
    rb"|(?P<reset>\x1bc)"
    rb"|(?P<soft>\x1b\[!p)"
    rb"|(?P<shift>[\x0e\x0f])"
)
_MEANING = re.compile(_PATTERN)  # the last group of it tells what a sequence is
_SEQUENCES = _finding(_PATTERN)  # fifty times as fast, which matters for 64 MB of colours
_TORN = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?|[()*+]?)\Z")


class TerminalModes:
    """What was switched so far. `feed` takes output in pieces of any length."""

    def __init__(self) -> None:
        self.taken = 0
        self._torn = b""
        self._begin()

    def _begin(self) -> None:
        self._private: dict[int, bool] = {}
        self._ansi: dict[int, bool] = {}
        self._region = ""
        self._shape = ""
        self._letters: dict[bytes, bytes] = {}
        self._shift = b"\x0f"
        self._keypad = b">"
        self._title = ""
        self._titles: list[str] = []

    def feed(self, data: bytes) -> None:
        data = self._torn + data
        for found in _SEQUENCES.finditer(data):
            if meant := _MEANING.fullmatch(found[0]):
                self.taken += 1
                self._take(meant)
        torn = _TORN.search(data, max(0, len(data) - MAX_TORN))
        self._torn = torn[0] if torn else b""

    def sequences(self, rows: int = 0) -> bytes:
        """What brings a fresh terminal of so many rows into these modes, and the beginning of a
        sequence that goes on behind them; empty where it is in them already."""
        modes = {mode: on for mode, on in self._private.items() if AT_FIRST.get(mode, False) != on}
        said = [b"\x1b[?%dh" % mode for mode in SCREENS if modes.pop(mode, False)][-1:]
        if self._title:
            said.append(b"\x1b]2;%s\x07" % self._title.encode())
        said += [b"\x1b%s%s" % chosen for chosen in self._letters.items() if chosen[1] != b"B"]
        if self._shift == b"\x0e":
            said.append(self._shift)
        top, _, bottom = self._region.partition(";")
        # A change of size has made it the whole screen since.
        if self._region and not (rows and int(bottom or rows) >= rows and int(top or 1) <= 1):
            said.append(b"\x1b[%sr" % self._region.encode())
        said += [b"\x1b[%d%s" % (mode, b"h") for mode, on in self._ansi.items() if on]
        said += [b"\x1b[?%d%s" % (mode, b"h" if on else b"l") for mode, on in modes.items()]
        if self._keypad == b"=":
            said.append(b"\x1b=")
        if self._shape not in ("", "0"):
            said.append(b"\x1b[%s q" % self._shape.encode())
        return b"".join(said) + self._torn

    def _take(self, found: re.Match[bytes]) -> None:
        match found.lastgroup:
            case "switch":
                self._switch(found)
            case "region":
                self._region = found["region"].decode()
            case "shape":
                self._shape = found["shape"].decode()
            case "titles":
                self._push_or_pop(found["titles"] == b"22")
            case "title":
                text = found["title"].decode("utf-8", "replace")
                self._title = "".join(sign for sign in text if sign.isprintable())[:MAX_TITLE]
            case "letters":
                self._letters[found["set"]] = found["letters"]
            case "keypad":
                self._keypad = found["keypad"]
            case "shift":
                self._shift = found["shift"]
            case "reset":
                self._begin()
            case "soft":
                self._soften()

    def _switch(self, found: re.Match[bytes]) -> None:
        modes, known = (self._private, PRIVATE) if found["private"] else (self._ansi, ANSI)
        on = found["switch"] == b"h"
        for number in found["modes"].split(b";"):
            mode = int(number[:6] or b"0")
            if mode not in known:
                continue
            for others in (SCREENS, MICE) if found["private"] else ():
                if mode in others:  # one of them at most, and each switches off what is on
                    for other in others:
                        modes.pop(other, None)
            modes[mode] = on

    def _push_or_pop(self, push: bool) -> None:
        if push:
            self._titles = [*self._titles, self._title][-MAX_TITLES:]
        elif self._titles:
            self._title = self._titles.pop()

    def _soften(self) -> None:
        for mode in (1, 6, 45, 66):
            self._private.pop(mode, None)
        self._private |= {7: True, 25: True}
        self._ansi.clear()
        self._letters.clear()
        self._region, self._shape, self._shift, self._keypad = "", "", b"\x0f", b">"


_cache: OrderedDict[str, tuple[int, TerminalModes]] = OrderedDict()
_lock = Lock()


def before(command: Command, offset: int) -> TerminalModes:
    """The modes at a byte of what is stored. Where output is not kept, nothing is known of it."""
    with _lock:
        position, modes = _cache.get(command.pk, (0, TerminalModes()))
        modes = deepcopy(modes)
    if position > offset:
        position, modes = 0, TerminalModes()
    begun = LogChunk.objects.filter(command_id=command.pk, offset__lte=position)
    first = begun.order_by("-offset").values_list("offset", flat=True).first() or 0
    rows = LogChunk.objects.filter(
        command_id=command.pk, offset__gte=first, offset__lt=offset
    ).order_by("offset")
    for start, data in rows.values_list("offset", "data").iterator(chunk_size=16):
        if modes.taken > MOST_TAKEN and start < offset - LAST_BYTES:
            position = start + len(data)
            continue
        piece = bytes(data)[max(0, position - start) : offset - start]
        modes.feed(piece)
        position = max(position, start + len(piece))
    modes.taken = 0
    with _lock:
        _cache[command.pk] = (offset, deepcopy(modes))
        _cache.move_to_end(command.pk)
        while len(_cache) > CACHED:
            _cache.popitem(last=False)
    return modes
