"""Finished steps that follow on each other, as one line that unfolds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from chat.models import Part
from chat.tools import registry
from vibe.templatetags.markup import duration

# A sentence between two steps goes with them; what is longer is an answer.
NARRATION = 200
FEWEST = 2
BUILDING = {"create_sandbox", "write_files", "edit_file"}
LOOKING = {"read_file", "list_files", "search_files"}

Entry = TypeVar("Entry")


@dataclass(frozen=True)
class Steps:
    """Parts of a message that are told in one line."""

    parts: tuple[Part, ...]

    @property
    def id(self) -> str:
        return f"steps-{self.parts[0].pk}"

    @property
    def position(self) -> int:
        return self.parts[0].position

    @property
    def count(self) -> int:
        return sum(part.kind == Part.Kind.TOOL_CALL for part in self.parts)

    @property
    def words(self) -> str:
        """As "Built in 2.1 s"."""
        tools = {part.tool for part in self.parts if part.kind == Part.Kind.TOOL_CALL}
        verb = "Looked at files" if tools <= LOOKING else "Worked"
        verb = "Built" if tools & BUILDING else verb
        return f"{verb} in {duration(sum(part.duration or 0.0 for part in self.parts))}"

    @property
    def ids(self) -> str:
        return " ".join(part.pk for part in self.parts)


def gathered(
    entries: Sequence[Entry], part_of: Callable[[Entry], Part]
) -> list[tuple[Steps | None, list[Entry]]]:
    """The entries of a message in order, those that are steps of one line together with it."""
    found: list[tuple[Steps | None, list[Entry]]] = []
    run: list[Entry] = []

    def close() -> None:
        # What leads to the next step, or is the answer, stays outside.
        end = len(run)
        while end and not is_step(part_of(run[end - 1])):
            end -= 1
        steps = Steps(tuple(part_of(entry) for entry in run[:end]))
        if end and steps.count >= FEWEST:
            found.append((steps, run[:end]))
        else:
            found.extend((None, [entry]) for entry in run[:end])
        found.extend((None, [entry]) for entry in run[end:])
        run.clear()

    for entry in entries:
        part = part_of(entry)
        if is_step(part) or (run and _goes_along(part)):
            run.append(entry)
        else:
            close()
            found.append((None, [entry]))
    close()
    return found


def around(parts: Iterable[Part], part_id: str) -> Steps | None:
    """The line that a part is told in, among the parts of its message."""
    for steps, _ in gathered(list(parts), lambda part: part):
        if steps is not None and any(part.pk == part_id for part in steps.parts):
            return steps
    return None


def is_step(part: Part) -> bool:
    """A call that went well and asks for nothing."""
    if part.kind != Part.Kind.TOOL_CALL or part.state != Part.State.DONE:
        return False
    card = registry.card(part.tool)
    refused = part.command is not None and bool(part.command.refused)
    return card is not None and card.folds and not refused


def _goes_along(part: Part) -> bool:
    if part.state == Part.State.STREAMING:
        return False
    if part.kind == Part.Kind.REASONING:
        return True
    short = len(part.text) <= NARRATION and "\n\n" not in part.text.strip()
    return part.kind == Part.Kind.TEXT and short
