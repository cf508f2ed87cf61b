"""Words of a request, whatever their accents and letters, and how far two words are apart."""

from __future__ import annotations

import re
import unicodedata

# Written apart and together, and taken for a verb when apart.
_JOINED = {
    r"\bto[- ]dos?\b(?=\s*(?:list|app|liste|web|program|manager|tool|site|$))": "todo",
    r"\bto-dos?\b": "todo",
    r"\btic[ -]?tac[ -]?toe\b": "tictactoe",
    r"\bnode\.?\s?js\b": "nodejs",
    r"\breact\.?\s?js\b": "react",
    r"\bnext\.?\s?js\b": "nextjs",
    r"\bvue\.?\s?js\b": "vue",
    r"\be-mail\b": "email",
    r"\bc\+\+": "cplusplus",
    r"\bc#": "csharp",
}
_WORD = re.compile(r"[^\W_]+")


def plain(text: str) -> str:
    """Small letters without accents; German ß is ss and œ is oe."""
    folded = unicodedata.normalize("NFKD", text.lower().replace("ß", "ss").replace("œ", "oe"))
    return "".join(letter for letter in folded if not unicodedata.combining(letter))


def words(text: str) -> list[str]:
    """The plain words of the text, in order."""
    text = plain(text)
    for pattern, together in _JOINED.items():
        text = re.sub(pattern, together, text)
    return _WORD.findall(text)


def distance(one: str, other: str, limit: int) -> int:
    """Letters to put in, leave out, change or swap with the next; `limit` + 1 when more."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        above, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]


def tolerance(word: str) -> int:
    """How many slips a word of this length may have."""
    if len(word) < 4:
        return 0
    return 1 if len(word) < 8 else 2
