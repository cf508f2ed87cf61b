"""A tool call as one line of words: what is happening to what, and how it went.

What differs from tool to tool is said by the tool, in `chat.tools.NAME.card`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chat.models import Part
from chat.rendering.difference import Block, blocks, count
from chat.tools import registry
from chat.tools.card import ToolCard, Verbs, WrittenFile

_TONES = {
    Part.State.STREAMING: "running",
    Part.State.RUNNING: "running",
    Part.State.BACKGROUND: "running",
    Part.State.WAITING: "warning",
    Part.State.DONE: "success",
    Part.State.FAILED: "danger",
    Part.State.STOPPED: "quiet",
}
# What a command in the background has come to, by its tone.
_ENDED = {
    "success": Part.State.DONE,
    "quiet": Part.State.STOPPED,
    "danger": Part.State.FAILED,
}


# A card lists so many files, and shows diffs of so many lines without being asked.
FILES_LISTED = 200
LINES_UNFOLDED = 24


@dataclass(frozen=True)
class FileView:
    """One file of a card with what changed in it; a long diff is folded."""

    file: WrittenFile
    blocks: list[Block] = field(default_factory=list)
    is_open: bool = False


@dataclass(frozen=True)
class CardView:
    """What the line of a tool call shows, and what it unfolds to."""

    tone: str
    state: str
    verb: str
    subject: str = ""
    result: str = ""
    link: str = ""
    error: str = ""
    hint: str = ""
    files: list[FileView] = field(default_factory=list)
    more_files: int = 0
    added: int = 0
    removed: int = 0
    detail: str = ""
    answers: list[dict[str, Any]] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)

    @property
    def unfolds(self) -> bool:
        return bool(self.files or self.error or self.detail or self.answers or self.steps)


def card(part: Part) -> CardView:
    """The card of a tool call; a name or result that the platform does not know shows as it is."""
    tool = _of_tool(part)
    state = tool.state
    message, hint = _error(part.result)
    files = tool.files()
    return CardView(
        tone=_TONES.get(Part.State(state), "quiet"),
        state=state,
        verb=_verb(tool.verbs, state),
        subject=tool.subject(),
        result=tool.result(),
        link=_address(tool.link()),
        error=message if state in (Part.State.FAILED, Part.State.STOPPED) else "",
        hint=hint,
        files=[_file(file) for file in files[-FILES_LISTED:]],
        more_files=max(0, len(files) - FILES_LISTED),
        added=sum(file.added or 0 for file in files),
        removed=sum(file.removed or 0 for file in files),
        detail=tool.detail(),
        answers=tool.answers(),
        steps=tool.steps(),
    )


def preview_port(part: Part) -> int | None:
    """The port that the page's preview turns to because of this part; None for most."""
    return _of_tool(part).preview_port() if part.kind == Part.Kind.TOOL_CALL else None


class _UnknownTool(ToolCard):
    """A tool that the model made up, or that the platform no longer has."""

    def __init__(self, part: Part, state: str) -> None:
        super().__init__(part, state)
        name = part.tool
        self.verbs = Verbs(f"Calling {name}", f"Called {name}", f"{name} failed")


def _of_tool(part: Part) -> ToolCard:
    return (registry.card(part.tool) or _UnknownTool)(part, _state(part))


def _state(part: Part) -> str:
    """The state to show: a command in the background may have ended since the call returned."""
    command = part.command
    if part.state == Part.State.BACKGROUND and command is not None:
        return _ENDED.get(command.tone, part.state)
    return part.state or Part.State.DONE


def _verb(verbs: Verbs, state: str) -> str:
    return {
        Part.State.DONE: verbs.done,
        Part.State.FAILED: verbs.failed,
        Part.State.STOPPED: "Stopped",
        Part.State.WAITING: "Comes after your answer:",
        Part.State.BACKGROUND: "Running in background",
    }.get(Part.State(state), verbs.doing)


def _address(link: str) -> str:
    """Of a page only: imported results may name what a click would run."""
    return link if link.startswith(("http://", "https://")) else ""


def _error(result: dict[str, Any]) -> tuple[str, str]:
    return str(result.get("message") or result.get("error") or ""), str(result.get("hint") or "")


def _file(file: WrittenFile) -> FileView:
    return FileView(file, blocks(file.diff), is_open=count(file.diff) <= LINES_UNFOLDED)
