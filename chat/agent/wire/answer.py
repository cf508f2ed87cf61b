"""One answer on its way in: what a format's reader finds in it, in order, as sure pieces."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from chat.agent.wire.calls import Calls
from chat.agent.wire.characters import Joiner
from chat.agent.wire.pieces import Closed, Piece, Text, Thought
from chat.agent.wire.thoughts import Kind, Tags


class Answer:
    """Takes text and thoughts; `calls` takes the tool calls. Each method yields Pieces."""

    def __init__(self, tools: Collection[str], taken_ids: Collection[str]) -> None:
        self.calls = Calls(tools, taken_ids)
        self._tags = Tags()
        self._said = Joiner()
        self._thought = Joiner()
        self._field = ""
        self._after_thought = False
        # White space at the beginning of a text waits: a text of nothing else is none.
        self._blank: str | None = ""

    def text(self, text: str) -> Iterator[Piece]:
        for kind, words in self._tags.feed(self._said.feed(text)):
            yield from self._sorted(kind, words)

    def thought(self, text: str, field: str) -> Iterator[Piece]:
        self._field = field
        if words := self._thought.feed(text):
            yield Thought(words, field)

    def end(self) -> Iterator[Piece]:
        """What waited for more, when the answer is over."""
        if words := self._thought.end():
            yield Thought(words, self._field)
        yield from self.text(self._said.end())
        for kind, words in self._tags.end():
            yield from self._sorted(kind, words)
        yield from self.calls.end()

    def _sorted(self, kind: Kind, words: str) -> Iterator[Piece]:
        if kind is Kind.TEXT:
            if self._blank is not None:
                if words.isspace():
                    self._blank += words
                    return
                words, self._blank = self._blank + words, None
                if self._after_thought:
                    # What follows a thought is separated from it already.
                    words, self._after_thought = words.lstrip("\r\n"), False
            yield Text(words)
            return
        self._blank, self._after_thought = "", True
        if kind is Kind.CLOSED:
            yield Closed()
        elif words:
            yield Thought(words)


def finished(reason: Any, *, calls: bool, words: dict[str, str], usual: tuple[str, str]) -> str:
    """A format's own word for the end of an answer; what a server calls otherwise is the usual end.

    `words`: other words to the format's own. `usual`: without and with tool calls.
    """
    known = words.get(str(reason or "").lower())
    return known or (usual[1] if calls else usual[0])
