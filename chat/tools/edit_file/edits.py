"""Exact find and replace in a text, and what to tell a model whose edit does not fit."""

from __future__ import annotations

import difflib
from typing import Annotated

from pydantic import BaseModel, Field

from vibe.refusal import Refusal

PLACES_TOLD = 8
COMPARED = 5_000  # lines that are looked through for what may be meant
CLOSE = 0.6  # how alike lines must be to be told as what may be meant


class Edit(BaseModel):
    find: Annotated[
        str, Field(min_length=1, description="Text of the file, exactly, whitespace too")
    ]
    replace: Annotated[str, Field(description="What takes its place")]
    everywhere: Annotated[
        bool, Field(description="Replace each occurrence; else there must be exactly one")
    ] = False


def applied(text: str, edits: list[Edit]) -> str:
    """The text after all edits; raises Refusal for one that does not fit exactly."""
    before = text
    crlf = "\r\n" in text
    for number, edit in enumerate(edits, 1):
        find, replace = edit.find, edit.replace
        if crlf and find not in text:
            # Models write \n; the file's own line ends stay.
            find = find.replace("\r\n", "\n").replace("\n", "\r\n")
            replace = replace.replace("\r\n", "\n").replace("\n", "\r\n")
        count = text.count(find)
        which = f"Edit {number}" if len(edits) > 1 else "The edit"
        if count == 0:
            raise Refusal(f"{which} finds nothing: no such text.", _what_is_there(text, find))
        if count > 1 and not edit.everywhere:
            raise Refusal(
                f"{which} finds {count} places, on lines {_lines(text, find)}.",
                "Give more of the lines around the one that you mean, or set everywhere.",
            )
        text = text.replace(find, replace)
    if text == before:
        raise Refusal("The edits change nothing.", "The file is as you want it already.")
    return text


def _what_is_there(text: str, find: str) -> str:
    """A hint for text that is not in the file: what in it comes closest."""
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
    return "Read the file with read_file and copy the text exactly."


def _lines(text: str, find: str) -> str:
    found: list[str] = []
    position = text.find(find)
    while position >= 0 and len(found) < PLACES_TOLD:
        found.append(str(text.count("\n", 0, position) + 1))
        position = text.find(find, position + len(find))
    return ", ".join(found) + (" …" if position >= 0 else "")
