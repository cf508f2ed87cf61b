"""Searching a log, also when the log or the expression is hostile."""

from __future__ import annotations

import pytest

from sandboxes.models import Command
from sandboxes.output import search as module
from sandboxes.output.search import search
from tests.fixtures.rows import add_output, make_command, make_sandbox
from vibe.refusal import Refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def command(alice) -> Command:
    return make_command(make_sandbox(alice))


def lines(command: Command, wanted: str, **options) -> list[tuple[int, str]]:
    return [(hit.line, hit.text) for hit in search(command, wanted, **options).matches]


def test_words_are_found_with_their_line(command):
    add_output(command, (1, b"one\ntwo\n"), (2, b"a two\n"))
    assert lines(command, "two") == [(2, "two"), (3, "a two")]
    assert lines(command, "two", stream=2) == [(3, "a two")]
    assert lines(command, ".") == []


def test_case_matters_unless_it_is_to_be_ignored(command):
    add_output(command, (1, b"Error: X\n"))
    assert lines(command, "error") == []
    assert lines(command, "error", ignore_case=True) == [(1, "Error: X")]


def test_a_line_torn_between_rows_and_streams_is_found_whole(command):
    add_output(command, (1, b"hel"), (2, b"oops\n"), (1, b"lo world\n"))
    assert lines(command, "hello") == [(1, "hello world")]


def test_colours_do_not_hide_a_word(command):
    add_output(command, (1, b"\x1b[31mer\x1b[0mror\n"))
    assert lines(command, "error") == [(1, "error")]


def test_an_expression_says_where_it_matched(command):
    add_output(command, (1, b"took 12 ms\ntook 345 ms\n"))
    (hit,) = search(command, r"\d{3}", regex=True).matches
    assert (hit.line, hit.text[hit.begin : hit.end], hit.offset) == (2, "345", 11)


def test_an_expression_that_makes_no_sense_is_refused_with_a_reason(command):
    add_output(command, (1, b"x\n"))
    with pytest.raises(Refusal, match="makes no sense"):
        search(command, "(", regex=True)


def test_an_expression_that_would_take_for_ever_is_ended(command, monkeypatch):
    monkeypatch.setattr("sandboxes.output.matching.CPU_SECONDS", 1)
    add_output(command, (1, b"a" * 60 + b"b\n"))
    with pytest.raises(Refusal, match="takes too long"):
        search(command, "(a+)+$", regex=True)


def test_a_long_search_says_where_to_go_on_and_misses_nothing(command, monkeypatch):
    monkeypatch.setattr(module, "BUDGET_BYTES", 100)
    monkeypatch.setattr(module, "READ_BYTES", 50)
    for n in range(60):
        add_output(command, (1 + n % 2, b"line %d\n" % n))
    found, after, rounds = [], 0, 0
    while after is not None:
        part = search(command, "line", after=after)
        found += [hit.line for hit in part.matches]
        after, rounds = part.next, rounds + 1
    assert found == list(range(1, 61))
    assert rounds > 3


def test_a_full_answer_goes_on_with_the_next_match(command):
    add_output(command, (1, b"x\n" * 25))
    first = search(command, "x", limit=10)
    second = search(command, "x", limit=20, after=first.next)
    assert [hit.line for hit in first.matches + second.matches] == list(range(1, 26))
    assert second.next is None


def test_of_a_long_line_the_surroundings_are_shown(command):
    add_output(command, (1, b"-" * 50_000 + b"here" + b"-" * 5_000 + b"\n"))
    (hit,) = search(command, "here").matches
    assert hit.text[hit.begin : hit.end] == "here"
    assert len(hit.text) < 1000


def test_bytes_that_are_no_text_do_no_harm(command):
    add_output(command, (1, bytes(range(256)) * 20 + b"\nneedle\n"))
    assert lines(command, "needle")[0][1] == "needle"
