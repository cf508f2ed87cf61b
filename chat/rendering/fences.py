"""Fences within fences: a model that shows a Markdown file writes the same marks inside.

CommonMark ends the outer block at the first inner end. Where the marks pair up, the outer ones are
made longer, so that they hold all.
"""

from __future__ import annotations

import re

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})[ \t]*([^`\s]*)[^`]*$")
_HOLDS_OTHERS = {"md", "markdown", "mdx"}


def paired(text: str) -> str:
    """The text with longer fences around Markdown that holds fences."""
    if "```" not in text and "~~~" not in text:
        return text
    lines = text.split("\n")
    place = 0
    while place < len(lines):
        opening = _FENCE.match(lines[place])
        if opening is None:
            place += 1
            continue
        end, inner = _end(lines, place, opening)
        if end and inner:
            mark = opening[1][0]
            for line in (place, end):
                lines[line] = lines[line].replace(opening[1], mark * (inner + 1), 1)
        place = (end or _plain_end(lines, place, opening[1]) or len(lines)) + 1
    return "\n".join(lines)


def _end(lines: list[str], start: int, opening: re.Match[str]) -> tuple[int, int]:
    """The line that ends the block when inner ones pair up, and their longest mark; 0: none."""
    if opening[2].lower() not in _HOLDS_OTHERS:
        return 0, 0
    depth, longest = 1, 0
    for place in range(start + 1, len(lines)):
        found = _FENCE.match(lines[place])
        if found is None or found[1][0] != opening[1][0] or len(found[1]) < len(opening[1]):
            continue
        depth += 1 if found[2] else -1
        if not depth:
            return place, longest
        longest = max(longest, len(found[1]))
    return 0, 0


def _plain_end(lines: list[str], start: int, mark: str) -> int:
    for place in range(start + 1, len(lines)):
        found = _FENCE.match(lines[place])
        if found and not found[2] and found[1].startswith(mark):
            return place
    return 0
