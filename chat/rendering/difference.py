"""The diff of one file in a card: blocks of lines that came, went or stayed."""

from __future__ import annotations

from itertools import groupby

from chat.tools.difference import CUT

Block = tuple[str, str]


def blocks(diff: str) -> list[Block]:
    """(sign, text) of adjacent lines of one kind: "+", "-", " ", or "@" for where they are."""
    lines = diff.split("\n") if diff else []
    return [
        (sign, "\n".join(_shown(line) for line in group))
        for sign, group in groupby(lines, key=_sign)
        if sign
    ]


def count(diff: str) -> int:
    return diff.count("\n") + 1 if diff else 0


def _sign(line: str) -> str:
    if line == CUT.strip():
        return "@"
    if line.startswith("@@"):
        # The first lines of a file need not be placed.
        return "" if _place(line) in ("0", "1") else "@"
    return line[:1] if line[:1] in ("+", "-", " ") else ""


def _shown(line: str) -> str:
    if line == CUT.strip():
        return "The rest is left out here."
    if line.startswith("@@"):
        return f"Line {_place(line)}"
    return line


def _place(line: str) -> str:
    """Of "@@ -1,2 +3,4 @@" the 3."""
    return line.partition("+")[2].partition(" ")[0].partition(",")[0]
