"""JSON read as it comes: each character is looked at once, however the pieces are cut."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]

DEEPEST = 64
_PLAIN = re.compile(r'[^"\\]+')
_SPACE = re.compile(r"[ \t\n\r]+")
_SCALAR = re.compile(r"[-+.\w]+")
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "/": "/"}
_LONGEST_SCALAR = 400


@dataclass(frozen=True)
class Begun:
    """A string, an object or a list begins at this place."""

    path: Path


@dataclass(frozen=True)
class More:
    """More of the string at this place."""

    path: Path
    text: str


@dataclass(frozen=True)
class Ended:
    """What is at this place is whole. `value`: of numbers, true, false and null; `is_text`: it is
    a string."""

    path: Path
    value: Any = None
    is_text: bool = False


Event = Begun | More | Ended


class Broken(ValueError):
    """The text is no JSON."""


@dataclass
class _Level:
    is_object: bool
    key: str | int


class JsonReader:
    """Feed it pieces of one JSON text. Names in objects are told as parts of paths; raw line ends
    in strings are taken, as models write them."""

    def __init__(self) -> None:
        self._levels: list[_Level] = []
        self._next = "value"
        self._rest = ""
        self._name: list[str] = []

    def feed(self, text: str) -> Iterator[Event]:
        """What the piece adds. Raises Broken; afterwards the reader is of no use."""
        text, self._rest = self._rest + text, ""
        at = 0
        while at < len(text):
            if self._next in ("string", "name"):
                read = self._in_string(text, at)
            elif space := _SPACE.match(text, at):
                at = space.end()
                continue
            elif self._next == "scalar":
                read = self._in_scalar(text, at)
            else:
                read = self._between(text, at)
            end, events = read
            yield from events
            if end == at:
                # An escape or a number that is cut: it waits for its rest.
                self._rest = text[at:]
                return
            at = end

    def _path(self) -> Path:
        return tuple(level.key for level in self._levels)

    def _between(self, text: str, at: int) -> tuple[int, list[Event]]:
        """One sign between values, or the beginning of one."""
        sign, wanted = text[at], self._next
        if sign in "}]" and wanted in ("name or end", "value or end", "comma"):
            return at + 1, self._close(is_object=sign == "}")
        if wanted in ("name or end", "name to come") and sign == '"':
            self._next, self._name = "name", []
        elif wanted == "colon" and sign == ":":
            self._next = "value"
        elif wanted == "comma" and sign == "," and self._levels:
            level = self._levels[-1]
            if isinstance(level.key, int):
                level.key += 1
            self._next = "name to come" if level.is_object else "value"
        elif wanted in ("value", "value or end"):
            return self._value(text, at)
        else:
            raise Broken(f"{sign!r} where {wanted} was to come")
        return at + 1, []

    def _value(self, text: str, at: int) -> tuple[int, list[Event]]:
        sign, path = text[at], self._path()
        if sign == '"':
            self._next = "string"
        elif sign in "{[":
            if len(self._levels) >= DEEPEST:
                raise Broken("too deep")
            self._levels.append(_Level(sign == "{", "" if sign == "{" else 0))
            self._next = "name or end" if sign == "{" else "value or end"
        elif _SCALAR.match(sign):
            self._next = "scalar"
            return self._in_scalar(text, at)
        else:
            raise Broken(f"{sign!r} where a value was to come")
        return at + 1, [Begun(path)]

    def _close(self, *, is_object: bool) -> list[Event]:
        if not self._levels or self._levels[-1].is_object is not is_object:
            raise Broken("a bracket that opens nothing")
        self._levels.pop()
        return self._ended()

    def _ended(self, value: Any = None, *, is_text: bool = False) -> list[Event]:
        self._next = "comma" if self._levels else "nothing"
        return [Ended(self._path(), value, is_text)]

    def _in_scalar(self, text: str, at: int) -> tuple[int, list[Event]]:
        found = _SCALAR.match(text, at)
        end = found.end() if found else at
        if end - at > _LONGEST_SCALAR:
            raise Broken("a number without end")
        if end == len(text):
            return at, []
        try:
            return end, self._ended(json.loads(text[at:end]))
        except ValueError as error:
            raise Broken(text[at:end]) from error

    def _in_string(self, text: str, at: int) -> tuple[int, list[Event]]:
        """As much of the string as is there."""
        pieces: list[str] = []
        while at < len(text):
            if plain := _PLAIN.match(text, at):
                pieces.append(plain.group())
                at = plain.end()
            elif text[at] == '"':
                return at + 1, self._string("".join(pieces), whole=True)
            else:
                end, character = _escape(text, at)
                if end == at:
                    break
                pieces.append(character)
                at = end
        return at, self._string("".join(pieces), whole=False)

    def _string(self, text: str, *, whole: bool) -> list[Event]:
        if self._next == "name":
            self._name.append(text)
            if whole:
                self._levels[-1].key = "".join(self._name)
                self._next = "colon"
            return []
        events: list[Event] = [More(self._path(), text)] if text else []
        return events + (self._ended(is_text=True) if whole else [])


def _escape(text: str, at: int) -> tuple[int, str]:
    """The end of the escape at this place and what it stands for; the same place when it is cut."""
    letter = text[at + 1 : at + 2]
    if letter != "u":
        if letter and letter not in _ESCAPES:
            raise Broken(f"the escape \\{letter}")
        return (at + 2, _ESCAPES[letter]) if letter else (at, "")
    if len(text) < at + 6:
        return at, ""
    first = _unit(text, at)
    if not 0xD800 <= first < 0xDC00:
        return at + 6, "\ufffd" if 0xDC00 <= first < 0xE000 else chr(first)
    # Half of a character: the other half is the next escape, if that is one.
    following = text[at + 6 : at + 8]
    if "\\u".startswith(following) and len(text) < at + 12:
        return at, ""
    second = _unit(text, at + 6) if following == "\\u" else 0
    if not 0xDC00 <= second < 0xE000:
        return at + 6, "\ufffd"
    return at + 12, chr(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))


def _unit(text: str, at: int) -> int:
    try:
        return int(text[at + 2 : at + 6], 16)
    except ValueError as error:
        raise Broken("an escape that is no number") from error
