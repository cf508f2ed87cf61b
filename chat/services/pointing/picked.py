"""Elements that were picked in the preview, as they stand at the end of a message."""

from __future__ import annotations

from collections.abc import Sequence

from sandboxes.services.elements.words import BEGIN, END, LONGEST

MOST = 8
# Of a message that says nothing else.
WORDS = "About this element of the page:"


def joined(text: str, elements: Sequence[str]) -> str:
    """The message with what was picked; what is no such block is left out."""
    blocks = [one.replace("\r\n", "\n").strip() for one in elements[:MOST]]
    blocks = [one for one in blocks if _is_block(one)]
    return "\n\n".join([text.strip() or WORDS, *blocks]) if blocks else text


def apart(text: str) -> tuple[str, list[str]]:
    """(what the person says, what each of the picked elements is told as)."""
    blocks: list[str] = []
    rest = text.rstrip()
    while rest.endswith(END) and (start := rest.rfind(BEGIN)) >= 0 and _is_block(rest[start:]):
        blocks.insert(0, rest[start + len(BEGIN) : -len(END)].strip())
        rest = rest[:start].rstrip()
    return (rest, blocks) if blocks else (text, [])


def _is_block(text: str) -> bool:
    whole = text.startswith(BEGIN) and text.endswith(END) and len(text) <= LONGEST + 500
    return whole and text.count(BEGIN) == text.count(END) == 1
