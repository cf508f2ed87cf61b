"""What in a file comes closest to text that is not in it."""

from __future__ import annotations

import difflib

from vibe import bounded

COMPARED = 5_000  # lines that are looked through for what may be meant
CLOSE = 0.6  # how alike lines must be to be told as what may be meant
OTHERWISE = "Read the file with read_file and copy the text exactly."


def hint(text: str, find: str) -> str:
    """What to tell a model whose `find` is not in the file's text."""
    # Comparing takes the square of a line's length.
    return bounded.text("chat.tools.edit_file.closest:found", text, find) or OTHERWISE


def found(text: str, find: str) -> str:
    """What `hint` tells, in the process of bounded time."""
    wanted = next((line for line in find.splitlines() if line.strip()), find)
    lines = text.splitlines()[:COMPARED]
    for number, line in enumerate(lines, 1):
        if line.split() == wanted.split() and line.split():
            return f"Line {number} differs in whitespace only; it is {line!r}. Copy it exactly."
    close = difflib.get_close_matches(wanted, set(lines), n=1, cutoff=CLOSE)
    if close:
        number = lines.index(close[0]) + 1
        return (
            f"Line {number} comes closest: {close[0]!r}. Read the file and copy the text exactly."
        )
    return OTHERWISE
