"""Files that a call writes, as its card lists them."""

from __future__ import annotations

from typing import Any

from chat.models import Part
from chat.tools.card import WrittenFile

BUSY = (Part.State.STREAMING, Part.State.RUNNING)


def named(part: Part) -> list[tuple[str, dict[str, Any]]]:
    """(path, what is known of it): from the result, else from what the model has written so far."""
    return _known(part.result) or _known(part.arguments)


def listed(part: Part, state: str) -> list[WrittenFile]:
    """While the call is made the last file is the one at work; what the result names is written."""
    written = bool(_known(part.result))
    files = named(part)
    return [
        WrittenFile(
            path=path,
            lines=_lines(file),
            added=_count(file.get("added")),
            removed=_count(file.get("removed")),
            state=_file_state(state, written=written, is_last=position == len(files) - 1),
            diff=_diff(part, file) if written else "",
            tail=_tail(file) if state in BUSY else None,
            size=_count(file.get("size")) or 0,
            number=_count(file.get("number")) or 0,
        )
        for position, (path, file) in enumerate(files)
    ]


def _known(source: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    files = source.get("files")
    known = [file for file in files if isinstance(file, dict)] if isinstance(files, list) else []
    return [(str(file["path"]), file) for file in known if file.get("path")]


def _file_state(state: str, *, written: bool, is_last: bool) -> str:
    if state in BUSY and is_last:
        return Part.State.RUNNING
    if written or state not in (Part.State.FAILED, Part.State.STOPPED):
        return Part.State.DONE
    return Part.State.FAILED


def _lines(file: dict[str, Any]) -> int | None:
    content, lines = file.get("content"), _count(file.get("lines"))
    if lines is None and isinstance(content, str):
        return content.count("\n") + (not content.endswith("\n") and bool(content))
    return lines


def _diff(part: Part, file: dict[str, Any]) -> str:
    # Calls of before this release hold the diff of their one file beside it.
    found = file.get("diff", part.result.get("diff"))
    return found if isinstance(found, str) else ""


def _tail(file: dict[str, Any]) -> str | None:
    found = file.get("tail")
    return found if isinstance(found, str) else None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) else None
