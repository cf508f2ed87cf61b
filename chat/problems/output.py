"""The errors and warnings in a stretch of a command's output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chat.problems import fingerprint, noise, tools, tracebacks
from chat.problems.found import COMMAND, Found
from chat.problems.lines import LONGEST, Line

MOST = 20
# A line of another kind between two errors of one cause: an exit that only repeats what was said.
_PORT_ERRORS = ("EADDRINUSE", "Address already in use", "address already in use")


def found_in(lines: Sequence[Line]) -> list[Found]:
    """Each error once, with how often it was there; at most MOST, errors before warnings."""
    texts = [line.text[:LONGEST].rstrip() for line in lines]
    found: dict[str, Found] = {}
    at = 0
    while at < len(texts):
        one, end = _at(texts, lines, at)
        if one is not None:
            one = one.bounded()
            key = fingerprint.of(one)
            known = found.get(key)
            found[key] = replace(one, times=known.times + 1) if known else one
        at = max(end, at + 1)
    errors = [one for one in found.values() if not one.noise]
    warnings = [one for one in found.values() if one.noise]
    return [*errors, *warnings][:MOST]


def _at(texts: Sequence[str], lines: Sequence[Line], at: int) -> tuple[Found | None, int]:
    text = texts[at]
    if not text.strip():
        return None, at + 1
    for read in tracebacks.READERS:
        if result := read(texts, at):
            one, end = result
            if any(words in one.title for words in _PORT_ERRORS):
                one = replace(one, about="port")
            # A library's deprecation may come with the road to it.
            return replace(one, noise=noise.reason(one.title)), end
    if why := noise.reason(text):
        return Found(COMMAND, "warning", text.strip(), text, noise=why), at + 1
    for read in tools.READERS:
        if result := read(texts, at):
            return result
    if lines[at].is_stderr and (result := tools.generic(texts, at)):
        return result
    return None, at + 1
