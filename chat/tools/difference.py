"""What a call changed in a file."""

from __future__ import annotations

from dataclasses import dataclass

from vibe import differences

DIFF_SHOWN = 12_000  # characters
CUT = "\n…"


@dataclass(frozen=True)
class Difference:
    """`diff` is unified, without the lines that name the file, and cut at DIFF_SHOWN characters.
    Where finding it would take too long it is empty, and nothing is counted. `lines`: of the file
    now.
    """

    diff: str
    lines: int
    added: int | None
    removed: int | None


def between(before: str, after: str) -> Difference:
    """What lies between two texts of a file."""
    total = len(after.splitlines())
    if not before:
        return Difference(_cut(_all_new(after)), total, total, 0)
    lines = differences.unified(before, after)
    if lines is None:
        return Difference("", total, None, None)
    added = sum(line.startswith("+") for line in lines)
    removed = sum(line.startswith("-") for line in lines)
    return Difference(_cut("\n".join(lines)), total, added, removed)


def _all_new(text: str) -> str:
    """Of a new file nothing need be compared."""
    # Twice what is shown: where it is cut is found from it.
    lines = text[: 2 * DIFF_SHOWN].splitlines()
    count = len(text.splitlines())
    return "\n".join([f"@@ -0,0 +1,{count} @@", *(f"+{line}" for line in lines)]) if lines else ""


def _cut(diff: str) -> str:
    return diff if len(diff) <= DIFF_SHOWN else diff[:DIFF_SHOWN].rpartition("\n")[0] + CUT
