"""What an answer consists of, whatever format it came in. Names of calls are whole, ids unique."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Text:
    text: str


@dataclass(frozen=True)
class Thought:
    """`field`: where the provider keeps it apart; "" for one that it wrote between tags."""

    text: str
    field: str = ""


# How `Closed` is told behind this room: text of its own that no model can send, since NUL is taken
# out of all text.
CLOSING = "\x00</think>"


@dataclass(frozen=True)
class Closed:
    """All text before was thought: a closing tag came that nothing had opened."""


@dataclass(frozen=True)
class CallStart:
    number: int
    id: str
    name: str


@dataclass(frozen=True)
class CallArguments:
    """More of a call's arguments, as JSON text."""

    number: int
    text: str


@dataclass(frozen=True)
class Block:
    """Something of one format only, passed on as it is."""

    content: dict[str, Any]


Piece = Text | Thought | Closed | CallStart | CallArguments | Block
