"""What an edit changed in a file."""

from __future__ import annotations

import difflib
import json
from dataclasses import asdict, dataclass

from vibe import bounded

DIFF_LINES = 20_000
DIFF_SHOWN = 12_000  # characters


@dataclass(frozen=True)
class Difference:
    """`diff` is unified, without the lines that name the file, and cut at DIFF_SHOWN characters;
    empty, and nothing counted, for a file of more than DIFF_LINES lines and where it took too long.
    `lines`: of the file now.
    """

    diff: str
    lines: int
    added: int
    removed: int


def between(before: str, after: str) -> Difference:
    """What lies between two texts; without a diff when finding one would take too long."""
    lines = len(after.splitlines())
    if max(len(before.splitlines()), lines) > DIFF_LINES:
        return Difference("", lines, 0, 0)
    found = bounded.text("chat.tools.edit_file.difference:as_json", before, after)
    return Difference("", lines, 0, 0) if found is None else Difference(**json.loads(found))


def as_json(before: str, after: str) -> str:
    """The fields of the Difference, in the process of bounded time."""
    return json.dumps(asdict(_between(before, after)))


def _between(before: str, after: str) -> Difference:
    old, new = before.splitlines(), after.splitlines()
    # Without the two lines that name the file.
    lines = list(difflib.unified_diff(old, new, lineterm="", n=2))[2:]
    added = sum(line.startswith("+") for line in lines)
    removed = sum(line.startswith("-") for line in lines)
    diff = "\n".join(lines)
    if len(diff) > DIFF_SHOWN:
        diff = diff[:DIFF_SHOWN].rpartition("\n")[0] + "\n…"
    return Difference(diff, len(new), added, removed)
