"""Files that a call writes, as its card lists them."""

from __future__ import annotations

from typing import Any

from chat.models import Part
from chat.tools.card import WrittenFile


def named(part: Part) -> list[tuple[str, dict[str, Any]]]:
    """(path, what is known of it): from the result, else from what the model has written so far."""
    for source in (part.result.get("files"), part.arguments.get("files")):
        if isinstance(source, list) and source:
            known = [file for file in source if isinstance(file, dict) and file.get("path")]
            return [(str(file["path"]), file) for file in known]
    return []


def listed(part: Part, state: str) -> list[WrittenFile]:
    """While the call is made the last file is the one at work."""
    files = named(part)
    busy = state in (Part.State.STREAMING, Part.State.RUNNING)
    return [
        WrittenFile(
            path=path,
            lines=_lines(file),
            added=file.get("added"),
            removed=file.get("removed"),
            state=_file_state(state, at_work=busy and position == len(files) - 1),
        )
        for position, (path, file) in enumerate(files)
    ]


def _file_state(state: str, *, at_work: bool) -> str:
    if at_work:
        return Part.State.RUNNING
    return Part.State.FAILED if state == Part.State.FAILED else Part.State.DONE


def _lines(file: dict[str, Any]) -> int | None:
    content, lines = file.get("content"), file.get("lines")
    if lines is None and isinstance(content, str):
        return content.count("\n") + (not content.endswith("\n") and bool(content))
    return lines
