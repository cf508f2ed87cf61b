"""The vocabulary of all languages, and the concepts that a text names by it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from chat.agent.demo.understanding.text import distance, tolerance, words

FOLDER = Path(__file__).parent / "vocabulary"
LANGUAGES = ("en", "de", "fr", "es")
# Words that carry no meaning here: they tell the language, and are nobody's slip of the pen.
PLAIN = "plain"
# Words of content that are nobody's slip either.
KEPT = "kept"
# Words that may stand inside any phrase: "it does *still* not work".
BETWEEN = "between"
LONGEST = 5
MOST_BETWEEN = 2
# Beginnings that sound alike: "fotographer".
SOUNDS = {"f": "ph", "k": "c", "c": "k"}
# Of words written as one, as German does: "Snakespiel", "Einkaufsliste".
PART = 4

Phrase = tuple[str, ...]


@dataclass
class Found:
    """Concepts of a text, each with the place of its first word, and votes for the language."""

    tokens: list[str]
    concepts: dict[str, int] = field(default_factory=dict)
    votes: dict[str, int] = field(default_factory=dict)
    # Words that belong to no phrase.
    strange: list[str] = field(default_factory=list)

    def has(self, *names: str) -> bool:
        return any(name in self.concepts for name in names)

    def first(self, prefix: str) -> str:
        """The first concept below `prefix` in the text, without it; "" when none."""
        below = [name for name in self.concepts if name.startswith(prefix)]
        return min(below, key=lambda name: self.concepts[name])[len(prefix) :] if below else ""

    def all(self, prefix: str) -> list[str]:
        below = sorted(
            (name for name in self.concepts if name.startswith(prefix)),
            key=self.concepts.__getitem__,
        )
        return [name[len(prefix) :] for name in below]

    @property
    def language(self) -> str:
        """The language with the most votes; "" when none has any, or all have as many."""
        if not self.votes:
            return ""
        best = max(LANGUAGES, key=lambda language: self.votes.get(language, 0))
        votes = [self.votes.get(language, 0) for language in LANGUAGES]
        return "" if len(set(votes)) == 1 else best


@cache
def _phrases() -> dict[Phrase, list[tuple[str, str]]]:
    """{phrase: [(concept, language)]}"""
    found: dict[Phrase, list[tuple[str, str]]] = {}
    for language in LANGUAGES:
        data = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
        for concept, phrases in data.items():
            for phrase in phrases if concept != BETWEEN else ():
                found.setdefault(tuple(words(phrase)), []).append((concept, language))
    return found


@cache
def _between() -> frozenset[str]:
    found = (
        json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
        for language in LANGUAGES
    )
    return frozenset(word for data in found for phrase in data[BETWEEN] for word in words(phrase))


@cache
def _known() -> frozenset[str]:
    return frozenset(word for phrase in _phrases() for word in phrase) | _between()


@cache
def _by_letter() -> dict[str, list[str]]:
    """Words that a misspelt one may mean, by their first letter."""
    meant = {
        word
        for phrase, meanings in _phrases().items()
        for word in phrase
        if len(word) >= PART and any(concept not in (PLAIN, KEPT) for concept, _ in meanings)
    }
    groups: dict[str, list[str]] = {}
    for word in sorted(meant):
        groups.setdefault(word[0], []).append(word)
    return groups


@cache
def corrected(word: str) -> list[str]:
    """The word, the one that was meant, or the parts of a word written as one."""
    if word in _known() or len(word) < PART or any(letter.isdigit() for letter in word):
        return [word]
    limit = tolerance(word)
    # The first letter is seldom wrong, and without it "cake" were "make".
    near = [
        (distance(word, other, limit), abs(len(word) - len(other)), other)
        for other in [*_by_letter().get(word[0], []), *_sounding_like(word)]
        # Of four letters one is too much to be another: "moon" is no "mood". They may be swapped.
        if not len(word) == len(other) == PART or sorted(word) == sorted(other)
    ]
    if near and min(near)[0] <= limit:
        return [min(near)[2]]
    return _parts(word) or [word]


def _sounding_like(word: str) -> list[str]:
    start = SOUNDS.get(word[0], "")
    if not start or len(word) < 2 * PART:
        return []
    return [other for other in _by_letter().get(start[0], []) if other.startswith(start)]


def _parts(word: str) -> list[str]:
    for cut in range(len(word) - PART, PART - 1, -1):
        start, end = word[:cut], word[cut:]
        # German joins by an s or n: "Geburtstagsseite", "Aufgabenliste".
        whole = start if start in _known() else start.rstrip("sn")
        if whole in _known() and end in _known():
            return [whole, end]
    return []


def find(text: str) -> Found:
    """The concepts of the text: longest phrases first, each word in one phrase only."""
    tokens = [part for word in words(text) for part in corrected(word)]
    found = Found(tokens)
    place = 0
    while place < len(tokens):
        length, meanings = _longest(tokens, place)
        for concept, language in meanings:
            found.concepts.setdefault(concept, place)
            found.votes[language] = found.votes.get(language, 0) + length
        if not meanings and tokens[place] not in _between():
            found.strange.append(tokens[place])
        place += length
    return found


def _longest(tokens: list[str], place: int) -> tuple[int, list[tuple[str, str]]]:
    """The longest phrase that begins here, as the number of its tokens, and what it means."""
    known, between = _phrases(), _between()
    window = tokens[place : place + LONGEST]
    for length in range(len(window), 0, -1):
        if meanings := known.get(tuple(window[:length])):
            if length > 1:
                return length, meanings
            break
    wider = tokens[place : place + LONGEST + MOST_BETWEEN]
    for end in range(len(wider), 2, -1):
        inner = [word for word in wider[1 : end - 1] if word not in between]
        if len(inner) < end - 2 and (meanings := known.get((wider[0], *inner, wider[end - 1]))):
            return end, meanings
    return 1, known.get((tokens[place],), [])
