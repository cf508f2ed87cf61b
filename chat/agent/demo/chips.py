"""Suggestions at the end of the demo model's answers, in the form that all models are told of."""

from __future__ import annotations

import re

_BOLD = re.compile(r"\*\*(.+?)\*\*", re.S)
# A last paragraph with no more words than these besides is there for its suggestions alone.
WORDS_BESIDES = 45


def at_the_end(words: str) -> str:
    """The answer with its last paragraph as a block of suggestions, if it is nothing else."""
    head, _, last = words.rpartition("\n\n")
    offered = _BOLD.findall(last)
    if not head or not offered or len(_BOLD.sub("", last).strip()) > WORDS_BESIDES:
        return words
    lines = "\n".join(" ".join(each.split()) for each in offered)
    return f"{head}\n\n```suggestions\n{lines}\n```"
