"""Lines and bytes of a log find each other, whatever the rows look like."""

from __future__ import annotations

import random

import pytest

from sandboxes.models import Command
from sandboxes.output import places
from sandboxes.output.text import page
from tests.fixtures.rows import add_output, make_command, make_sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def command(alice) -> Command:
    return make_command(make_sandbox(alice))


def test_every_line_is_found_in_whatever_rows_it_lies(command):
    dice = random.Random(7)
    data = b"".join(b"x" * dice.choice((0, 1, 5, 40)) + b"\n" for _ in range(120)) + b"open"
    begin = 0
    while begin < len(data):
        size = dice.randint(1, 60)
        add_output(command, (dice.choice((1, 2)), data[begin : begin + size]))
        begin += size
    starts = [0] + [i + 1 for i, byte in enumerate(data) if byte == 10]
    assert [places.line_offset(command, n + 1) for n in range(len(starts))] == starts
    assert [places.line_at(command, offset) for offset in starts] == list(range(1, 122))
    assert [places.tail_offset(command, n) for n in (1, 2, 50)] == [
        starts[-1],
        starts[-2],
        starts[-50],
    ]


def test_the_last_line_may_have_ended(command):
    add_output(command, (1, b"one\ntwo\n"), (1, b"three\n"))
    assert places.tail_offset(command, 1) == 8
    assert places.tail_offset(command, 100) == 0
    assert places.tail_offset(command, 0) == 14


def test_a_line_beyond_the_end_is_the_end(command):
    add_output(command, (1, b"one\n"))
    assert places.line_offset(command, 50) == 4
    assert places.line_offset(make_command(command.sandbox), 50) == 0


def test_lines_after_a_gap_keep_their_numbers(command):
    add_output(command, (1, b"1\n2\n"), (1, b"3\n4\n"), (1, b"5\n6\n"))
    command.chunks.filter(offset=4).delete()
    assert places.line_offset(command, 6) == 10
    assert places.line_offset(command, 4) == 4  # where the gap begins
    assert [line.number for line in page(command, None, 10).lines] == [1, 2, 5, 6]


def test_a_page_of_lines_knows_where_it_stands(command):
    add_output(command, (1, b"".join(b"%d\n" % n for n in range(1, 1001))))
    found = page(command, 401, 100)
    assert (found.first, found.last, found.total) == (401, 500, 1000)
    assert found.lines[0].data == b"401"
    assert page(command, None, 100).first == 901
