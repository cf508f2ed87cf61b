"""Searching a log: its rows stream by, so a search needs little memory whatever the log's size."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from sandboxes.models import Command
from sandboxes.output import matching, replay
from sandboxes.output.lines import Line, LineSplitter
from sandboxes.output.matching import Hit, Matcher
from sandboxes.output.terminal_codes import without_codes
from vibe.refusal import Refusal
from vibe.shares import Shares
from vibe.shares.owner import owner

# One search looks through so much and says where to go on.
BUDGET_BYTES = 16 * 1024 * 1024
READ_BYTES = 512 * 1024
MAX_MATCHES = 1000
AROUND = 200
# Each keeps a processor busy for up to seconds.
_searches = Shares("searches", total=8, each=2, waiting=8, patience=4.0)


@dataclass(frozen=True)
class Match:
    """A line that holds what was looked for. `begin` and `end` count characters in `text`.

    Of a long line `text` is what surrounds the match.
    """

    line: int
    offset: int
    stream: int
    text: str
    begin: int
    end: int


@dataclass(frozen=True)
class Found:
    """`next`: the byte to go on from; None when the log was searched to its (present) end."""

    matches: list[Match]
    next: int | None


def search(
    command: Command,
    wanted: str,
    *,
    regex: bool = False,
    ignore_case: bool = False,
    stream: int | None = None,
    after: int = 0,
    limit: int = 100,
) -> Found:
    """Lines from byte `after` on that hold `wanted`, terminal codes aside.

    Lines longer than 64 KiB are searched in parts. Raises Refusal, also when its caller has too
    many searches under way.
    """
    if not wanted:
        raise Refusal("There is nothing to look for.", "Give some text.")
    if len(wanted) > matching.MAX_PATTERN:
        raise Refusal(f"At most {matching.MAX_PATTERN} characters can be looked for.")
    matches: list[Match] = []
    with ExitStack() as stack:
        stack.enter_context(_searches.place_now(owner()))
        matcher: Matcher
        if regex:
            matcher = stack.enter_context(matching.Expression(wanted, ignore_case=ignore_case))
        else:
            matcher = matching.Words(wanted, ignore_case=ignore_case)
        for lines, position, ended in _batches(command, after, stream):
            texts = [without_codes(line.data.decode("utf-8", "replace")) for line in lines]
            for hit in matcher.match(texts):
                line = lines[hit[0]]
                if len(matches) == limit:
                    return Found(matches, line.offset)
                matches.append(_match(line, texts[hit[0]], hit))
            if ended:
                return Found(matches, None)
            if position - after >= BUDGET_BYTES:
                return Found(matches, position)
    return Found(matches, None)


def _batches(
    command: Command, after: int, stream: int | None
) -> Iterator[tuple[list[Line], int, bool]]:
    """(lines in the order of their beginnings, byte from which they could be read again, end)."""
    splitter = LineSplitter()
    position = after
    while pieces := replay.read(command, position, READ_BYTES):
        lines: list[Line] = []
        for piece in pieces:
            if piece.offset > position:
                lines += splitter.flush()  # what lies between is not kept
            position = piece.end
            if stream in (None, piece.stream):
                assert piece.line is not None
                lines += splitter.feed(piece.line, piece.offset, piece.stream, piece.data)
        lines.sort(key=lambda line: line.offset)
        yield lines, splitter.begun_at(position), False
    yield splitter.flush(), position, True


def _match(line: Line, text: str, hit: Hit) -> Match:
    _, begin, end = hit
    start = max(0, begin - AROUND)
    shown = text[start : max(end, start + 2 * AROUND)][: 4 * AROUND]
    first = begin - start
    return Match(line.number, line.offset, line.stream, shown, first, min(len(shown), end - start))
