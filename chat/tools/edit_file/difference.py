"""What an edit changed in a file."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

DIFF_LINES = 20_000
DIFF_SHOWN = 12_000  # characters


@dataclass(frozen=True)
class Difference:
    """`diff` is unified, without the lines that name the file, and cut at DIFF_SHOWN characters;
    empty, and nothing counted, for a file of more than DIFF_LINES lines. `lines`: of the file now.
    """

    diff: str
    lines: int
    added: int
    removed: int


def between(before: str, after: str) -> Difference:
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > DIFF_LINES:
        return Difference("", len(new), 0, 0)
    # Without the two lines that name the file.
    lines = list(difflib.unified_diff(old, new, lineterm="", n=2))[2:]
    added = sum(line.startswith("+") for line in lines)
    removed = sum(line.startswith("-") for line in lines)
    diff = "\n".join(lines)
    if len(diff) > DIFF_SHOWN:
        diff = diff[:DIFF_SHOWN].rpartition("\n")[0] + "\n…"
    return Difference(diff, len(new), added, removed)
