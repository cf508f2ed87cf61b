"""Text of a source beside what shows of it: what a template puts in may be anything."""

from __future__ import annotations

import html
import re
from functools import lru_cache

from sandboxes.services.elements.element import squeezed

# Jinja, Django, Vue and Handlebars; EJS and ERB; PHP; and the one brace of JSX and Svelte.
# An expression that holds tags goes on behind the first of them.
_FILLED = re.compile(
    r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|<%.*?%>|<\?.*?\?>|\{[^{}]*\}|\{.*$", re.DOTALL
)
_LONGEST, _LONGEST_FILLED = 4000, 1500


@lru_cache(maxsize=4096)
def pieces(written: str) -> tuple[str, ...]:
    """What certainly shows, in its order, around what is put in: one piece where nothing is."""
    if is_literal(written):
        return (squeezed(html.unescape(written[:_LONGEST])),)
    # Of what nobody closes, each beginning is looked through to the end.
    parts = _FILLED.split(written[:_LONGEST_FILLED])
    return tuple(squeezed(html.unescape(part)) for part in parts)


def is_literal(written: str) -> bool:
    return "{" not in written and "}" not in written and not re.search(r"<[%?]", written)


def fits(written: str, shown: str) -> int:
    """How many characters of what shows are certain from what is written; -1 where it cannot be."""
    known = pieces(written)
    if len(known) == 1:
        return len(known[0]) if known[0] == shown else -1
    if not shown.startswith(known[0]) or not shown.endswith(known[-1]):
        return -1
    at = 0
    for piece in known:
        place = shown.find(piece, at)
        if place < 0:
            return -1
        at = place + len(piece)
    return sum(map(len, known))
