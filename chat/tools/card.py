"""What a tool says of its call in the chat. Each tool's `card.py` holds a `Card` of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chat.models import Part


@dataclass(frozen=True)
class Verbs:
    """How the line of the card begins while the call is made, when it is done, when it failed."""

    doing: str
    done: str
    failed: str


@dataclass(frozen=True)
class WrittenFile:
    """A file of a call. `diff`: unified. While it is being written: `tail`, the last of its text,
    which ends after `size` characters; `number`: which of the call's files that is."""

    path: str
    lines: int | None = None
    added: int | None = None
    removed: int | None = None
    state: str = Part.State.DONE
    diff: str = ""
    tail: str | None = None
    size: int = 0
    number: int = 0


class ToolCard:
    """Words and pieces of one call's card. A tool gives its verbs and overrides what it has to
    say more on.

    Arguments are what a model wrote, perhaps half of it so far, and results may come from a file
    that somebody imported: both may have any shape.
    """

    verbs: Verbs
    # Whether the card, once all went well, goes into one line with others. What a person has to
    # look at or to answer stays outside.
    folds = False

    def __init__(self, part: Part, state: str) -> None:
        """`state`: the Part.State to show, which may be newer than the part's own."""
        self.part = part
        self.state = state

    def subject(self) -> str:
        """What the call is about; it follows the verb."""
        return ""

    def result(self) -> str:
        """What came of it, in a few words at the end of the line."""
        return ""

    def link(self) -> str:
        """The address that the subject leads to."""
        return ""

    def preview_port(self) -> int | None:
        """The port that the page's preview turns to once the call is done."""
        return None

    def files(self) -> list[WrittenFile]:
        """Files that the call writes, to unfold."""
        return []

    def answers(self) -> list[dict[str, Any]]:
        """Questions that the person has answered: {"question", "answer"}."""
        return []

    def steps(self) -> list[dict[str, Any]]:
        """Steps that the page shows with what is done of them: {"text", "done"}."""
        return []

    def detail(self) -> str:
        """Plain text to unfold where there is nothing better to show."""
        result = self.part.result
        for key in ("tail", "text", "listing"):
            if isinstance(result.get(key), str):
                return str(result[key])
        paths = result.get("paths") or result.get("files")
        if isinstance(paths, list):
            return "\n".join(
                str(p.get("path", "")) if isinstance(p, dict) else str(p) for p in paths[:200]
            )
        return ""


def mappings(value: Any) -> list[dict[str, Any]]:
    """Those of a list that have fields; of anything else none."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def counted(number: Any, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
