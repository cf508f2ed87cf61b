"""Names of attached files, made fit for pages, models and shells, whatever was sent."""

from __future__ import annotations

import re
import unicodedata

from chat.services.storable import storable

# Bytes; file systems take 255, and a number may still have to come in.
LONGEST = 180
# A shell would take the first for an option, a listing would hide the second.
_LEADING = "-. ~"
_SPACES = re.compile(r"\s+")


def safe(given: str, *, otherwise: str = "file") -> str:
    """The last part of the name, without what is invisible, turns text around or leaves a folder.

    `otherwise` when nothing is left.
    """
    last = re.split(r"[/\\]", storable(given))[-1]
    # Categories: control, format (marks of direction among them), private, unassigned, and the
    # separators of lines and paragraphs.
    visible = "".join(
        " " if c in "\t\n\r" or unicodedata.category(c) in ("Zl", "Zp") else c
        for c in unicodedata.normalize("NFC", last)
        if c in "\t\n\r" or unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cn", "Cs")
    )
    name = _SPACES.sub(" ", visible.replace("\ufffd", "_")).lstrip(_LEADING).rstrip(" .")
    return _cut(name) or otherwise


def numbered(name: str, number: int) -> str:
    """ "notes (2).txt", for a second file of that name; the name itself for number 1."""
    if number < 2:
        return name
    stem, ending = _split(name)
    return f"{stem} ({number}){ending}"


def _cut(name: str) -> str:
    stem, ending = _split(name)
    room = LONGEST - len(ending.encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip() + ending


def _split(name: str) -> tuple[str, str]:
    stem, dot, ending = name.rpartition(".")
    if not stem or not dot or len(ending) > 16 or " " in ending:
        return name, ""
    return stem, dot + ending
