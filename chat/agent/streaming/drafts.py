"""What the unfinished arguments of a call say of the files that it writes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from chat.agent.streaming.json_reader import Begun, Broken, Ended, Event, JsonReader, More

# Of the text of the file at work, rows of unfinished calls hold the last of it.
TAIL = 8_000
NAMED = 500


@dataclass
class DraftFile:
    """A file as far as it has been written. `size` counts characters."""

    path_pieces: list[str] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    size: int = 0
    lines: int = 0
    named: bool = False
    has_content: bool = False
    whole: bool = False

    @property
    def path(self) -> str:
        return "".join(self.path_pieces) if self.named else ""

    @property
    def content(self) -> str:
        return "".join(self.pieces)

    def add(self, text: str) -> None:
        self.pieces.append(text)
        self.size += len(text)
        self.lines += text.count("\n")

    def after(self, size: int) -> str:
        """The text that follows on its first `size` characters."""
        found: list[str] = []
        missing = self.size - size
        for piece in reversed(self.pieces):
            if missing <= 0:
                break
            found.append(piece[-missing:])
            missing -= len(piece)
        return "".join(reversed(found))


class Draft(ABC):
    """Reads the arguments of one call as they come. `whole` is called with each file that is
    complete, in order. Arguments of another form, or none at all, show nothing."""

    def __init__(self, whole: Callable[[DraftFile], None] = lambda _: None) -> None:
        self.files: list[DraftFile] = []
        self._whole = whole
        self._reader: JsonReader | None = JsonReader()

    def feed(self, text: str) -> None:
        if self._reader is None:
            return
        try:
            for event in self._reader.feed(text):
                self._take(event)
        except Broken:
            self._reader = None

    def arguments(self) -> dict[str, Any]:
        """For the row of the call: names and sizes, and the end of the text at work."""
        named = [file for file in self.files[:NAMED] if file.path]
        told: list[dict[str, Any]] = [{"path": file.path, "lines": file.lines} for file in named]
        at_work = self.at_work
        if told and at_work is not None and at_work is named[-1]:
            size = at_work.size
            start = max(0, size - TAIL)
            text = at_work.after(start)
            told[-1] |= {"tail": text, "size": start + len(text), "number": len(self.files) - 1}
        return {"files": told} if told else {}

    @property
    def at_work(self) -> DraftFile | None:
        """The file that is being written, once its name is known."""
        last = self.files[-1] if self.files else None
        return last if last is not None and last.path and not last.whole else None

    @abstractmethod
    def _take(self, event: Event) -> None:
        """Note what the arguments say next."""


class WriteFilesDraft(Draft):
    """Of `{"files": [{"path": …, "content": …}, …]}`."""

    def _take(self, event: Event) -> None:
        match event:
            case Begun(("files", int())):
                self.files.append(DraftFile())
            case Begun(("files", int(), "path")):
                self.files[-1].path_pieces.clear()
            case More(("files", int(), "path"), text):
                self.files[-1].path_pieces.append(text)
            case Ended(("files", int(), "path"), is_text=True):
                self.files[-1].named = True
            case Begun(("files", int(), "content")):
                # Named twice in one object, the last one counts: such a file is not shown early.
                if self.files[-1].has_content:
                    raise Broken("content twice")
            case More(("files", int(), "content"), text):
                self.files[-1].add(text)
            case Ended(("files", int(), "content"), is_text=True):
                self.files[-1].has_content = True
            case Ended(("files", int())) if self.files:
                file = self.files[-1]
                file.whole = file.named and file.has_content
                if file.whole:
                    self._whole(file)
                    # Names and sizes are enough from here on.
                    file.pieces.clear()


class EditFileDraft(Draft):
    """Of `{"path": …, "edits": [{"find": …, "replace": …}, …]}`: what is put in."""

    def _take(self, event: Event) -> None:
        match event:
            case Begun(()):
                self.files.append(DraftFile())
            case More(("path",), text) if self.files:
                self.files[-1].path_pieces.append(text)
            case Ended(("path",), is_text=True) if self.files:
                self.files[-1].named = True
            case Begun(("edits", number, "replace")) if self.files and number:
                self.files[-1].add("\n…\n")
            case More(("edits", int(), "replace"), text) if self.files:
                self.files[-1].add(text)


_OF_TOOL: dict[str, type[Draft]] = {"write_files": WriteFilesDraft, "edit_file": EditFileDraft}


def of_tool(name: str, whole: Callable[[DraftFile], None]) -> Draft | None:
    """None for a tool that writes no files."""
    kind = _OF_TOOL.get(name)
    return kind(whole) if kind else None
