"""What an edit changed in a file."""

from __future__ import annotations

from dataclasses import dataclass

from vibe import differences

DIFF_SHOWN = 12_000  # characters


@dataclass(frozen=True)
class Difference:
    """`diff` is unified, without the lines that name the file, and cut at DIFF_SHOWN characters;
    empty, and nothing counted, where finding it would take too long. `lines`: of the file now.
    """

    diff: str
    lines: int
    added: int
    removed: int


def between(before: str, after: str) -> Difference:
    """What lies between two texts of a file."""
    lines = differences.unified(before, after)
    total = len(after.splitlines())
    if lines is None:
        return Difference("", total, 0, 0)
    added = sum(line.startswith("+") for line in lines)
    removed = sum(line.startswith("-") for line in lines)
    diff = "\n".join(lines)
    if len(diff) > DIFF_SHOWN:
        diff = diff[:DIFF_SHOWN].rpartition("\n")[0] + "\n…"
    return Difference(diff, total, added, removed)
