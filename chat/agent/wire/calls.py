"""Tells the tool calls of one answer apart, however carelessly a server numbers and names them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from chat.agent.wire.characters import Joiner
from chat.agent.wire.pieces import CallArguments, CallStart, Piece


@dataclass
class _Call:
    number: int
    index: Any
    given_id: str
    id: str
    name: str = ""
    # In pieces: a file of a megabyte comes in a quarter of a million of them.
    pieces: list[str] = field(default_factory=list)
    told: int = 0
    started: bool = False
    joiner: Joiner = field(default_factory=Joiner)

    def take(self, more: str) -> None:
        # White space at the beginning says nothing yet.
        if more and (self.pieces or more.strip()):
            self.pieces.append(more)

    @property
    def is_complete(self) -> bool:
        """Whether the arguments are whole JSON."""
        try:
            json.loads("".join(self.pieces), strict=False)
        except (ValueError, RecursionError):
            return False
        return True


class Calls:
    """Takes what a server says of its calls, piece by piece, and hands out what is sure."""

    def __init__(self, tools: Collection[str], taken_ids: Collection[str]) -> None:
        """`tools`: names that the model was told of; `taken_ids`: those of earlier calls."""
        self._tools = tools
        self._taken = set(taken_ids)
        self._calls: list[_Call] = []

    def __bool__(self) -> bool:
        return bool(self._calls)

    @property
    def are_complete(self) -> bool:
        """Whether each call has arguments, and all of them."""
        return all(call.is_complete for call in self._calls)

    def begun(self, name: Any, given_id: Any = "") -> int:
        """A call that surely is a new one; returns its number."""
        call = self._new(None, _text(given_id))
        call.name = _text(name)
        return call.number

    def add(self, index: Any, given_id: Any, name: Any, arguments: Any) -> Iterator[Piece]:
        """A piece of a call, as OpenAI's format tells it: each of the four may be missing."""
        name, given_id, more = _text(name), _text(given_id), as_json(arguments)
        call = self._meant(index, given_id, name, more)
        if call is None:
            return
        call.given_id = call.given_id or given_id
        if name and not call.started:
            call.name = self._name(call.name, name)
        yield from self.more(call.number, more)

    def more(self, number: int, arguments: Any) -> Iterator[Piece]:
        """More arguments of a call that `begun` or `add` has made."""
        call = self._calls[number]
        for other in self._calls[:number]:
            yield from self._start(other)
        call.take(call.joiner.feed(as_json(arguments)))
        if call.pieces or self._is_whole(call.name):
            yield from self._start(call)
            yield from self._tell(call)

    def end(self) -> Iterator[Piece]:
        for call in self._calls:
            call.take(call.joiner.end())
            yield from self._start(call)
            yield from self._tell(call)

    def _meant(self, index: Any, given_id: str, name: str, more: str) -> _Call | None:
        """The call that the piece belongs to; None when it belongs to none."""
        same_id = self._latest(lambda call: bool(given_id) and call.given_id == given_id)
        same_index = self._latest(lambda call: index is None or call.index == index)
        if same_id is not None:
            numbered_apart = index is not None and same_id.index not in (None, index)
            again = bool(name and more) and same_id.is_complete
            return self._new(index, given_id) if numbered_apart or again else same_id
        if same_index is None:
            if name:
                return self._new(index, given_id)
            return self._calls[-1] if self._calls else None
        if given_id and same_index.given_id and name:
            return self._new(index, given_id)
        if name and self._follows(same_index, name):
            return self._new(index, given_id)
        return same_index

    def _follows(self, call: _Call, name: str) -> bool:
        """Whether a name begins another call, and is not this one's again or its second half."""
        if call.pieces:
            return call.is_complete
        return call.name != name and self._is_whole(call.name) and self._is_whole(name)

    def _name(self, present: str, more: str) -> str:
        """Names come whole, whole again and again, or in pieces."""
        if more.startswith(present):
            return more
        return present if self._is_whole(present) else present + more

    def _is_whole(self, name: str) -> bool:
        return name in self._tools

    def _latest(self, fits: Callable[[_Call], bool]) -> _Call | None:
        return next((call for call in reversed(self._calls) if fits(call)), None)

    def _new(self, index: Any, given_id: str) -> _Call:
        unique = given_id
        while not unique or unique in self._taken:
            unique = f"{given_id or 'call'}_{uuid4().hex[:12]}"
        self._taken.add(unique)
        call = _Call(len(self._calls), index, given_id, unique)
        self._calls.append(call)
        return call

    def _start(self, call: _Call) -> Iterator[Piece]:
        if not call.started:
            call.started = True
            yield CallStart(call.number, call.id, call.name.strip() or "unnamed")

    def _tell(self, call: _Call) -> Iterator[Piece]:
        if fresh := "".join(call.pieces[call.told :]):
            yield CallArguments(call.number, fresh)
            call.told = len(call.pieces)


def as_json(value: Any) -> str:
    """Arguments as JSON text: some servers send the object itself."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
