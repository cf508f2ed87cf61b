"""Tells thoughts, which some models write between tags in their text, from what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

_TAG = re.compile(r"<(/?)think(?:ing)?>", re.IGNORECASE)
# What may become a tag with the next piece.
_BEGINNING = re.compile(
    r"<(?:/?(?:t(?:h(?:i(?:n(?:k(?:i(?:n(?:g)?)?)?)?)?)?)?)?)?\Z", re.IGNORECASE
)
# Of a thought in the midst of a line, which may be none: its closing tag decides.
HELD_CHARACTERS = 20_000


class Kind(Enum):
    TEXT = "text"
    THOUGHT = "thought"
    # All text so far was thought: it had no opening tag.
    CLOSED = "closed"


class Tags:
    """Splits a text that arrives in pieces. Tags in code are text."""

    def __init__(self) -> None:
        self._rest = ""
        self._thinking = False
        self._held: str | None = None
        self._thought = False
        self._place = _Place()

    def feed(self, text: str) -> Iterator[tuple[Kind, str]]:
        text, self._rest = self._rest + text, ""
        if found := _BEGINNING.search(text):
            text, self._rest = text[: found.start()], found.group()
        at = 0
        for tag in _TAG.finditer(text):
            yield from self._words(text[at : tag.start()])
            yield from self._tag(tag.group(), closing=bool(tag.group(1)))
            at = tag.end()
        yield from self._words(text[at:])

    def end(self) -> Iterator[tuple[Kind, str]]:
        """What waited for more."""
        rest, self._rest = self._rest, ""
        yield from self._words(rest)
        yield from self._release()

    def _words(self, text: str) -> Iterator[tuple[Kind, str]]:
        if not text:
            return
        if self._thinking:
            yield Kind.THOUGHT, text
        elif self._held is not None:
            self._held += text
            if len(self._held) > HELD_CHARACTERS:
                yield from self._release()
        else:
            self._place.follow(text)
            yield Kind.TEXT, text

    def _release(self) -> Iterator[tuple[Kind, str]]:
        held, self._held = self._held, None
        if held:
            self._place.follow(held)
            yield Kind.TEXT, held

    def _tag(self, tag: str, *, closing: bool) -> Iterator[tuple[Kind, str]]:
        if self._thinking:
            self._thinking = not closing
        elif self._held is not None:
            if closing:
                yield Kind.THOUGHT, _TAG.sub("", self._held)
                self._held, self._thought = None, True
            else:
                self._held += tag
        elif self._place.in_code:
            yield from self._words(tag)
        elif not closing:
            self._thought = self._thought or self._place.at_line_start
            if self._place.at_line_start:
                self._thinking = True
            else:
                self._held = tag
        elif not self._thought:
            self._thought = True
            if self._place.said:
                yield Kind.CLOSED, ""


class _Place:
    """Where in a Markdown text its end is."""

    def __init__(self) -> None:
        self._fenced = False
        # Of the line so far: how it begins, and whether code is open in it.
        self._head = ""
        self._ticked = False
        self.said = False

    def follow(self, text: str) -> None:
        self.said = self.said or not text.isspace()
        *complete, last = text.split("\n")
        for line in complete:
            self._go_on(line)
            if self._begins_fence:
                self._fenced = not self._fenced
            self._head, self._ticked = "", False
        self._go_on(last)

    def _go_on(self, text: str) -> None:
        if len(self._head) < len("```"):
            self._head = (self._head + text).lstrip()[: len("```")]
        self._ticked ^= text.count("`") % 2 == 1

    @property
    def in_code(self) -> bool:
        return self._fenced or self._begins_fence or self._ticked

    @property
    def _begins_fence(self) -> bool:
        return self._head in ("```", "~~~")

    @property
    def at_line_start(self) -> bool:
        return not self._head
