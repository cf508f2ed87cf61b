"""What changed between two texts, however long comparing them would take."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest

from vibe import differences
from vibe.bounded import calls

pytestmark = pytest.mark.unit
LINES = [str(number) for number in range(101)]


@pytest.fixture(autouse=True)
def processes() -> Iterator[None]:
    yield
    calls.close()


def test_lines_that_came_and_went_are_told() -> None:
    assert differences.unified("a\nb\nc\n", "a\nc\nd\n") == [
        "@@ -1,3 +1,3 @@",
        " a",
        "-b",
        " c",
        "+d",
    ]
    assert differences.counts("a\nb\nc\n", "a\nc\nd\n") == (1, 1)


def test_nothing_changed_is_no_difference() -> None:
    assert differences.unified("same\n", "same\n") == []


def test_texts_that_would_take_minutes_are_not_compared() -> None:
    chance = random.Random(1)
    before, after = ("\n".join(chance.choices(LINES, k=19_000)) for _ in range(2))
    began = time.process_time()

    assert differences.unified(before, after) is None
    assert time.process_time() - began < 0.5


def test_texts_of_too_many_lines_are_not_compared() -> None:
    assert differences.counts("", "\n" * (differences.MOST_LINES + 1)) is None
