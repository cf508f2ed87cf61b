"""What the demo model can do next: call a tool, or say something and be done."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Call:
    """One step: think a line, say a sentence, call a tool."""

    tool: str
    arguments: dict[str, Any] = field(default_factory=dict)
    thought: str = ""
    words: str = ""


@dataclass(frozen=True)
class Say:
    """The last step of a turn."""

    words: str
    thought: str = ""


@dataclass(frozen=True)
class Outcome:
    """What a tool call came to: `data` when it worked, `text` in any case."""

    tool: str
    arguments: dict[str, Any]
    ok: bool
    data: dict[str, Any]
    text: str


# A script yields steps and is sent the outcome of each call.
Script = Generator[Call | Say, Outcome, Any]
