"""Lines that are too long for a model's context, such as those of minified files."""

from __future__ import annotations

LINE_CHARACTERS = 2_000


def shortened(line: str, most: int = LINE_CHARACTERS, *, begun_at: int = 0) -> str:
    """The line's first `most` characters, and how many are left out. `begun_at`: characters that
    were left out before it.
    """
    before = f"[… {begun_at:,} characters before …] " if begun_at else ""
    left_out = len(line) - most
    if left_out <= 0:
        return before + line
    return f"{before}{line[:most]} [… {left_out:,} more characters of this line]"


def within(lines: list[str], characters: int) -> list[str]:
    """The first of the lines, as many as fit into so many characters."""
    for number, line in enumerate(lines):
        characters -= len(line) + 1
        if characters < 0:
            return lines[:number]
    return lines
