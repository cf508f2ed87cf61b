"""What changed between two texts. Comparing takes up to the square of their length, and both may be
a stranger's, so it happens where time is bounded."""

from __future__ import annotations

import difflib
import json

from vibe import bounded

# Of each text; more is not compared.
MOST_LINES = 20_000
AROUND = 2


def unified(before: str, after: str) -> list[str] | None:
    """The lines of a unified diff, without the two that name the files; None when finding them
    would take too long."""
    if max(before.count("\n"), after.count("\n")) > MOST_LINES:
        return None
    found = bounded.text("vibe.differences:as_json", before, after)
    return None if found is None else json.loads(found)


def counts(before: str, after: str) -> tuple[int, int] | None:
    """How many lines came and went; None when finding that would take too long."""
    lines = unified(before, after)
    if lines is None:
        return None
    added = sum(line.startswith("+") for line in lines)
    return added, sum(line.startswith("-") for line in lines)


def as_json(before: str, after: str) -> str:
    """What `unified` gives, in the process of bounded time."""
    old, new = before.splitlines(), after.splitlines()
    return json.dumps(list(difflib.unified_diff(old, new, lineterm="", n=AROUND))[2:])
