"""Where in the workspace an element of a page is written, and how sure that is."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sandboxes.models import Sandbox
from sandboxes.services import files
from sandboxes.services.elements import places
from sandboxes.services.elements.element import Element, Hint, squeezed
from sandboxes.services.elements.openings import Opening, read
from sandboxes.services.elements.scoring import Fit
from vibe.refusal import Refusal
from vibe.shares import Shares
from vibe.shares.owner import of_user

CERTAIN, LIKELY, UNKNOWN = "certain", "likely", "unknown"
MOST_FILES, MOST_BYTES, MOST_SECONDS = 120, 1_500_000, 4.0  # that are read through
ENOUGH, MARGIN = 4.0, 3.0
PAGE_BONUS = 3.0
_shares = Shares("searches for elements", total=4, each=1, patience=10.0)


@dataclass(frozen=True)
class Source:
    """`path` is "" and `line` 0 where nothing is known. `how`: build (a development build said it),
    markup (a tag of a source fits), text (its text stands there)."""

    path: str = ""
    line: int = 0
    sure: str = UNKNOWN
    how: str = ""
    excerpt: str = ""
    opening: Opening | None = None
    text: str = ""
    version: str = ""


@dataclass(frozen=True)
class _File:
    path: str
    text: str
    version: str

    def openings(self) -> list[Opening]:
        return read(self.text, is_code=places.is_code(self.path))

    def source(self, line: int, sure: str, how: str, opening: Opening | None = None) -> Source:
        lines = self.text.split("\n", line)
        excerpt = lines[line - 1].strip()[:200] if 0 < line <= len(lines) else ""
        return Source(self.path, line, sure, how, excerpt, opening, self.text, self.version)


def locate(sandbox: Sandbox, element: Element) -> Source:
    """Where it is written. Raises Refusal: no file can be read, or too much is asked at once."""
    with _shares.place_now(of_user(sandbox.owner_id)):
        known = places.of(sandbox)
        for hint in element.hints:
            if found := _by_build(sandbox, element, hint, known):
                return found
        return _by_markup(sandbox, element, known) or _by_text(sandbox, element) or Source()


def _by_build(
    sandbox: Sandbox, element: Element, hint: Hint, known: Sequence[str]
) -> Source | None:
    path = places.named(hint.file, known)
    file = _read(sandbox, path) if path else None
    if file is None:
        return None
    openings = file.openings()
    if not hint.line:
        best = _best(element, [(file, openings)], bonus=False)
        return replace(best, how="build") if best else file.source(1, LIKELY, "build")
    if hint.line > file.text.count("\n") + 1:
        return None
    there = [one for one in openings if one.line == hint.line]
    exact = [one for one in there if _column(file.text, one) == hint.column - 1]
    fitting = exact or [one for one in there if one.tag.lower() == element.tag]
    if len(fitting) == 1 and Fit(element, fitting[0]).score > -6.0:
        return file.source(hint.line, CERTAIN, "build", fitting[0])
    return file.source(hint.line, CERTAIN if there else LIKELY, "build")


def _column(text: str, opening: Opening) -> int:
    return opening.start - (text.rfind("\n", 0, opening.start) + 1)


def _by_markup(sandbox: Sandbox, element: Element, known: Sequence[str]) -> Source | None:
    read_through, left = [], MOST_BYTES
    until = time.monotonic() + MOST_SECONDS
    for path in places.ranked(element, known)[:MOST_FILES]:
        file = _read(sandbox, path)
        if file is None or "<" not in file.text:
            continue
        left -= len(file.text)
        if left < 0 or time.monotonic() > until:
            break
        read_through.append((file, file.openings()))
    return _best(element, read_through)


def _best(
    element: Element, found: Sequence[tuple[_File, list[Opening]]], *, bonus: bool = True
) -> Source | None:
    fits = []
    until = time.monotonic() + MOST_SECONDS
    for at, (file, openings) in enumerate(found):
        named = bonus and at == 0
        for opening in openings:
            if time.monotonic() > until:
                return None
            fit = Fit(element, opening)
            if fit.score >= ENOUGH:
                fits.append((fit.score + PAGE_BONUS * named, fit.proof, file, opening))
    if not fits:
        return None
    fits.sort(key=lambda one: -one[0])
    top, proof, file, opening = fits[0]
    equal = [one for one in fits if top - one[0] < 0.01]
    if len(equal) > 1 and len(equal) == element.alike and element.rank < len(equal):
        same_file = [one for one in equal if one[2] is file]
        if len(same_file) == len(equal):  # as they stand in the page, so they do in its source
            opening = sorted(same_file, key=lambda one: one[3].start)[element.rank][3]
    alone = len(fits) == 1 or top - fits[1][0] >= MARGIN
    sure = CERTAIN if proof and alone else LIKELY
    return file.source(opening.line, sure, "markup", opening)


def _by_text(sandbox: Sandbox, element: Element) -> Source | None:
    """What is written by a program: the line that holds its text, or its id."""
    for text in (squeezed(element.text)[:80], element.attributes.get("id", "")[:80]):
        if len(text) < 3:
            continue
        matches, more, _ = files.search(sandbox, text, case=True, limit=50)
        matches = [one for one in matches if one.line and places.kind_of(one.path) != "md"]
        if not matches:
            continue
        first = matches[0]
        sure = LIKELY if len({one.path for one in matches}) == 1 and not more else UNKNOWN
        return Source(first.path, first.line, sure, "text", first.text.strip()[:200])
    return None


def _read(sandbox: Sandbox, path: str) -> _File | None:
    """One that is text in UTF-8; None for any other, and for one that has gone."""
    try:
        reading = files.open_file(sandbox, path, max_bytes=places.LARGEST)
        version = reading.info.version if reading.info else ""
        return _File(path, b"".join(files.in_words(reading)).decode(), version)
    except (Refusal, UnicodeDecodeError):
        return None
