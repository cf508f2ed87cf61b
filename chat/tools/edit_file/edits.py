"""Exact find and replace in a text, and what to tell a model whose edit does not fit."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from chat.tools.edit_file import closest
from chat.tools.line_ends import line_end, with_line_end
from vibe.refusal import Refusal

PLACES_TOLD = 8


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
    for number, edit in enumerate(edits, 1):
        which = f"Edit {number}" if len(edits) > 1 else "The edit"
        text = _applied(text, edit, which)
    if text == before:
        raise Refusal("The edits change nothing.", "The file is as you want it already.")
    return text


def _applied(text: str, edit: Edit, which: str) -> str:
    find = _found(text, edit.find)
    count = text.count(find)
    if count == 0:
        raise Refusal(f"{which} finds nothing: no such text.", closest.hint(text, find))
    if count > 1 and not edit.everywhere:
        raise Refusal(
            f"{which} finds {count} places, on lines {_lines(text, find)}.",
            "Give more of the lines around the one that you mean, or set everywhere.",
        )
    *pieces, last = text.split(find)
    place, written = 0, []
    for piece in pieces:
        place += len(piece)
        written += [piece, with_line_end(edit.replace, line_end(text, place, find))]
        place += len(find)
    return "".join([*written, last])


def _found(text: str, find: str) -> str:
    """What to look for: models write \\n where a file has \\r\\n, and the reverse."""
    plain = find.replace("\r\n", "\n")
    candidates = (find, plain.replace("\n", "\r\n"), plain)
    return next((each for each in candidates if each in text), find)


def _lines(text: str, find: str) -> str:
    found: list[str] = []
    position = text.find(find)
    while position >= 0 and len(found) < PLACES_TOLD:
        found.append(str(text.count("\n", 0, position) + 1))
        position = text.find(find, position + len(find))
    return ", ".join(found) + (" …" if position >= 0 else "")
