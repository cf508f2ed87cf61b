"""Output without what only a terminal understands; in time that grows with the text alone."""

from __future__ import annotations

import re

# What a string of a terminal (title, device control) begins and ends with; none holds another.
_STRING = r"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x18\x1a\x1b\x90\x98\x9c-\x9f]*"
_CODES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours, movements, modes
    rf"|{_STRING}(?:\x07|\x1b\\|[\x18\x1a\x9c])"
    r"|\x1b[ -/]+[0-~]"  # character sets
    r"|\x1b[0-OQ-WYZ\\`-~]"  # save and restore, keypad, reset
    r"|[\x80-\x8f\x91-\x97\x99\x9a\x9c]"
)
_TORN = re.compile(r"\x1b[ -/]*[\[\]PX^_]?|[\x90\x98\x9b\x9d-\x9f]")
_BEGINNING = re.compile(r"[\x1b\x80-\x9f]")


def without_codes(text: str, *, torn: bool = False) -> str:
    """The text without terminal codes. `torn`: those whose end is missing are left, since it may
    come with more text.
    """
    if not _BEGINNING.search(text):
        return text
    text = _CODES.sub("", text)
    return text if torn else _TORN.sub("", text)


def last_states(text: str) -> str:
    """Lines as they stand at last, which a program drew several times over by carriage returns and
    backspaces.
    """
    text = text.replace("\r\n", "\n")
    if "\r" not in text and "\b" not in text:
        return text
    return "\n".join(map(_last_state, text.split("\n")))


def _last_state(line: str) -> str:
    drawn = next((each for each in reversed(line.split("\r")) if each), "")
    if "\b" not in drawn:
        return drawn
    cells: list[str] = []
    at = 0
    for character in drawn:
        if character == "\b":
            at = max(0, at - 1)
            continue
        cells[at : at + 1] = [character]
        at += 1
    return "".join(cells).rstrip()
