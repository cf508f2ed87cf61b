"""Versions as the pages show them: a line at the end of a turn, the strip, what changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from chat.models import Conversation, Turn, Version
from chat.services import conversation_sandboxes
from chat.services.checking import checks
from chat.services.versioning import dependency_steps, versions
from sandboxes.services.version_files import FileChange

LISTED = 300
LETTERS = {"added": "A", "changed": "M", "deleted": "D"}
LEFT_OUT = {
    "dependencies": "folders that tools make anew",
    "ignored": "what .gitignore names",
    "large": "large files",
    "beyond": "what is too much for one version",
    "repository": "the project's own .git",
    "special": "sockets and devices",
    "closed": "what cannot be read",
    "blocked": "what something else was in the way of",
}


def lines_of(turns: Iterable[Turn]) -> dict[str, list[Version]]:
    """The versions to show at the end of each turn, by the turn's id: its own, and those made
    between it and the next one."""
    shown = sorted(turns, key=lambda turn: (turn.created_at, turn.pk))
    if not shown:
        return {}
    conversation = shown[0].conversation
    versions.number_settled(conversation)
    began = list(
        conversation.turns.filter(created_at__gte=shown[0].created_at).values_list(
            "created_at", "pk"
        )
    )
    found = Version.objects.filter(conversation=conversation, created_at__gte=began[0][0])
    lines: dict[str, list[Version]] = {turn.pk: [] for turn in shown}
    for version in found.select_related("checkpoint", "restores").order_by("created_at", "id"):
        if version.number is None and version.reason == Version.Reason.CHANGED:
            continue  # whether there is one at all shows when it is saved
        earlier = [pk for moment, pk in began if moment <= version.created_at]
        turn_id = version.turn_id or earlier[-1]
        if turn_id in lines:
            lines[turn_id].append(version)
    return lines


@dataclass(frozen=True)
class Line:
    """One line of a diff: numbers on both sides, "" where it has none."""

    sign: str
    before: str
    after: str
    text: str


@dataclass(frozen=True)
class Row:
    """One row of a diff side by side; None for nothing opposite."""

    left: Line | None
    right: Line | None


def changes_view(
    conversation: Conversation,
    *,
    version: Version | None = None,
    since: Version | None = None,
    side_by_side: bool = False,
) -> dict[str, Any]:
    """Context of `chat/_changes.html`: the strip, and what changed in one version. Raises
    Refusal."""
    listed = list(reversed(versions.list_for(conversation)))[:LISTED]
    pictures = checks.of_versions([one.pk for one in listed])
    chosen = version or next((one for one in listed if one.checkpoint.files_changed), None)
    chosen = chosen or (listed[0] if listed else None)
    view: dict[str, Any] = {
        "conversation": conversation,
        "versions": [(one, pictures.get(one.pk)) for one in listed],
        "latest": listed[0] if listed else None,
        "kept_most": settings.VERSIONS_KEPT if listed and listed[-1].number != 1 else 0,
        "chosen": chosen,
        "since": since,
        "side_by_side": side_by_side,
    }
    if chosen is None:
        return view
    found = versions.changes(chosen, since=since)
    files = [
        {
            "change": one,
            "letter": LETTERS[one.status],
            "lines": lines,
            "rows": rows_of(lines) if side_by_side else [],
        }
        for one in found.files
        for lines in [lines_in(one)]
    ]
    return {**view, "changes": found, "files": files, "left_out": left_out(chosen)}


def lines_in(change: FileChange) -> list[Line]:
    """The lines of a file's diff, numbered."""
    found: list[Line] = []
    before = after = 0
    for text in (change.patch or "").removesuffix("\n").split("\n"):
        if text.startswith("@@"):
            parts = text.split(" ")
            before, after = _start(parts[1]), _start(parts[2])
            found.append(Line("@", "", "", text))
        elif text.startswith("+"):
            found.append(Line("+", "", str(after), text[1:]))
            after += 1
        elif text.startswith("-"):
            found.append(Line("-", str(before), "", text[1:]))
            before += 1
        elif text.startswith(" "):
            found.append(Line(" ", str(before), str(after), text[1:]))
            before, after = before + 1, after + 1
    return found


def rows_of(lines: list[Line]) -> list[Row]:
    """The same side by side: what goes opposite what comes."""
    rows: list[Row] = []
    gone: list[Line] = []
    come: list[Line] = []

    def pair() -> None:
        for number in range(max(len(gone), len(come))):
            left = gone[number] if number < len(gone) else None
            right = come[number] if number < len(come) else None
            rows.append(Row(left, right))
        gone.clear()
        come.clear()

    for line in lines:
        if line.sign == "-":
            gone.append(line)
        elif line.sign == "+":
            come.append(line)
        else:
            pair()
            rows.append(Row(line, line))
    pair()
    return rows


def restore_view(version: Version) -> dict[str, Any]:
    """Context of the question before a restore: what will happen, and what cannot come back."""
    checkpoint = version.checkpoint
    latest = versions.list_for(version.conversation).last()
    found = None
    if latest is not None and latest.pk != version.pk:
        found = versions.changes(version, since=latest)
    return {
        "version": version,
        "changes": found,
        "steps": dependency_steps.due(version, latest),
        "others": [
            one.name
            for one in conversation_sandboxes.list_for(version.conversation)
            if one.pk != checkpoint.sandbox_id
        ],
        "data_files": checkpoint.data_files,
        "servers": [one["line"] for one in checkpoint.servers],
        "left_out": left_out(version),
    }


def left_out(version: Version) -> list[dict[str, Any]]:
    """What the version does not hold, in words."""
    return [
        {"words": LEFT_OUT.get(reason, reason), **told}
        for reason, told in version.checkpoint.left_out.items()
    ]


def _start(words: str) -> int:
    """Of "-12,3" or "+12"."""
    return int(words[1:].partition(",")[0] or 0)
