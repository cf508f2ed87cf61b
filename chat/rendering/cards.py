"""A tool call as one line of words: what is happening to what, and how it went."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chat.models import Part
from vibe.templatetags.markup import duration

# tool: (verb while it runs, verb when done, verb when it failed)
_VERBS = {
    "create_sandbox": ("Creating sandbox", "Created sandbox", "Could not create sandbox"),
    "write_files": ("Writing", "Wrote", "Could not write"),
    "edit_file": ("Editing", "Edited", "Could not edit"),
    "search_files": ("Searching for", "Searched for", "Could not search for"),
    "read_file": ("Reading", "Read", "Could not read"),
    "list_files": ("Listing files", "Listed files", "Could not list files"),
    "run_command": ("Running", "Ran", "Failed"),
    "get_sandbox_url": ("Getting the address", "Preview", "No preview"),
    "stop_command": ("Stopping", "Stopped", "Could not stop"),
}
_TONES = {
    Part.State.STREAMING: "running",
    Part.State.RUNNING: "running",
    Part.State.BACKGROUND: "running",
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


@dataclass(frozen=True)
class WrittenFile:
    path: str
    lines: int | None = None
    added: int | None = None
    removed: int | None = None
    state: str = "done"


@dataclass(frozen=True)
class Card:
    """What the line of a tool call shows, and what it unfolds to."""

    tone: str
    state: str
    verb: str
    subject: str = ""
    result: str = ""
    link: str = ""
    error: str = ""
    hint: str = ""
    files: list[WrittenFile] = field(default_factory=list)
    added: int = 0
    removed: int = 0
    detail: str = ""
    diff: list[tuple[str, str]] = field(default_factory=list)

    @property
    def unfolds(self) -> bool:
        return bool(self.files or self.error or self.detail or self.diff)


def card(part: Part) -> Card:
    """The card of a tool call; a name or result that the platform does not know shows as it is."""
    doing, done, failed = _VERBS.get(
        part.tool, (f"Calling {part.tool}", f"Called {part.tool}", f"{part.tool} failed")
    )
    state = _state(part)
    verb = {
        Part.State.DONE: done,
        Part.State.FAILED: failed,
        Part.State.STOPPED: "Stopped",
        Part.State.BACKGROUND: "Running in background",
    }.get(Part.State(state), doing)
    message, hint = _error(part.result)
    files = _files(part, state)
    return Card(
        tone=_TONES.get(Part.State(state), "quiet"),
        state=state,
        verb=verb,
        subject=_subject(part),
        result=_result(part, state),
        link=str(part.result.get("url", "")) if part.tool == "get_sandbox_url" else "",
        error=message if state == Part.State.FAILED else "",
        hint=hint,
        files=files,
        added=sum(file.added or 0 for file in files),
        removed=sum(file.removed or 0 for file in files),
        detail=_detail(part),
        diff=_diff(part.result.get("diff")),
    )


def _state(part: Part) -> str:
    """The state to show: a command in the background may have ended since the call returned."""
    command = part.command
    if part.state == Part.State.BACKGROUND and command is not None:
        return _ENDED.get(command.tone, part.state)
    return part.state or Part.State.DONE


def _subject(part: Part) -> str:
    arguments, result = part.arguments, part.result
    match part.tool:
        case "create_sandbox":
            return str(result.get("name") or arguments.get("name") or "")
        case "write_files":
            paths = [path for path, _ in _named_files(part)]
            return paths[0] if len(paths) == 1 else f"{len(paths)} files" if paths else "files"
        case "read_file" | "edit_file":
            return str(arguments.get("path", ""))
        case "list_files":
            path = str(arguments.get("path") or "")
            return "" if path in ("", ".") else path
        case "search_files":
            return str(arguments.get("text", ""))
        case "run_command":
            return part.command.line if part.command else _typed(arguments)
        case "get_sandbox_url":
            return str(result.get("url") or f"port {arguments.get('port', '')}".strip())
        case "stop_command":
            return part.command.line if part.command else str(result.get("command") or "")
        case _:
            return ""


def _typed(arguments: dict[str, Any]) -> str:
    args = arguments.get("args")
    words = [str(arguments.get("command", "")), *(args if isinstance(args, list) else [])]
    return " ".join(str(word) for word in words).strip()


def _result(part: Part, state: str) -> str:
    result = part.result
    if part.command is not None and part.tool == "run_command":
        command = part.command
        if command.is_finished:
            return " · ".join(filter(None, (command.outcome, duration(command.duration))))
        return ""
    if part.tool == "read_file" and result.get("lines") is not None:
        return _count(result["lines"], "line")
    if part.tool == "search_files" and result.get("matches") is not None:
        return _count(result["matches"], "line")
    if part.tool == "list_files" and result.get("count") is not None:
        return _count(result["count"], "file")
    if state == Part.State.DONE and part.tool in ("create_sandbox", "write_files"):
        return duration(part.duration)
    return ""


def _count(number: Any, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _error(result: dict[str, Any]) -> tuple[str, str]:
    return str(result.get("message") or result.get("error") or ""), str(result.get("hint") or "")


def _named_files(part: Part) -> list[tuple[str, dict[str, Any]]]:
    for source in (part.result.get("files"), part.arguments.get("files")):
        if isinstance(source, list) and source:
            known = [file for file in source if isinstance(file, dict) and file.get("path")]
            return [(str(file["path"]), file) for file in known]
    return []


def _files(part: Part, state: str) -> list[WrittenFile]:
    if part.tool not in ("write_files", "edit_file"):
        return []
    named = _named_files(part)
    busy = state in (Part.State.STREAMING, Part.State.RUNNING)
    files = []
    for position, (path, file) in enumerate(named):
        content = file.get("content")
        lines = file.get("lines")
        if lines is None and isinstance(content, str):
            lines = content.count("\n") + (not content.endswith("\n") and bool(content))
        last = position == len(named) - 1
        files.append(
            WrittenFile(
                path=path,
                lines=lines,
                added=file.get("added"),
                removed=file.get("removed"),
                state="running" if busy and last else "failed" if state == "failed" else "done",
            )
        )
    return files


def _detail(part: Part) -> str:
    """Plain text to unfold where there is nothing better to show."""
    if part.tool in ("write_files", "edit_file", "run_command"):
        return ""
    for key in ("tail", "text", "listing"):
        if isinstance(part.result.get(key), str):
            return str(part.result[key])
    paths = part.result.get("paths") or part.result.get("files")
    if isinstance(paths, list):
        return "\n".join(
            str(p.get("path", "")) if isinstance(p, dict) else str(p) for p in paths[:200]
        )
    return ""


def _diff(text: Any) -> list[tuple[str, str]]:
    """The lines of a diff, each with its sign."""
    if not isinstance(text, str):
        return []
    return [(line[:1], line[1:]) for line in text.split("\n") if line]
