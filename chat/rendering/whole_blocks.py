"""Of an answer that is being written: the part whose Markdown can be rendered already."""

from __future__ import annotations

import re

from chat.rendering.suggestions import OPENING

_MARK = re.compile(r"^ {0,3}(`{3,}|~{3,})", re.MULTILINE)


def split(text: str) -> tuple[str, str]:
    """(blocks that are whole, what follows on them): cut at the last empty line outside of a code
    fence, and before the suggestions, which become buttons at the end."""
    begin = _open_fence(text)
    suggestions = text.rfind(OPENING)
    ends = [end for end in (begin, suggestions) if end >= 0]
    cut = text.rfind("\n\n", 0, min(ends) if ends else len(text))
    return (text[: cut + 2], text[cut + 2 :]) if cut >= 0 else ("", text)


def _open_fence(text: str) -> int:
    """Where a code fence begins that does not end; -1 when there is none."""
    mark, begin = "", -1
    for found in _MARK.finditer(text):
        if not mark:
            mark, begin = found[1], found.start()
        elif found[1].startswith(mark):
            mark, begin = "", -1
    return begin
