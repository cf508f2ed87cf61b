"""Adjacent pieces of text go out as one."""

from __future__ import annotations

from chat.consumers import joined


def text(part: str, offset: int, delta: str) -> dict[str, object]:
    return {"type": "text", "part": part, "offset": offset, "delta": delta}


def test_pieces_that_follow_each_other_are_one() -> None:
    events = [(1, text("a", 0, "He")), (2, text("a", 2, "llo"))]
    assert joined(events) == [(2, text("a", 0, "Hello"))]


def test_pieces_of_two_parts_stay_apart() -> None:
    events = [(1, text("a", 0, "x")), (2, text("b", 1, "y"))]
    assert joined(events) == events


def test_a_gap_is_not_closed_silently() -> None:
    events = [(1, text("a", 0, "x")), (2, text("a", 5, "y"))]
    assert joined(events) == events


def file(number: int, offset: int, delta: str) -> dict:
    return {"type": "file", "part": "a", "file": number, "offset": offset, "delta": delta}


def test_pieces_of_one_file_are_joined_and_of_two_files_are_not():
    events = [(1, file(0, 0, "He")), (2, file(0, 2, "llo")), (3, file(1, 5, "!"))]

    assert joined(events) == [(2, file(0, 0, "Hello")), (3, file(1, 5, "!"))]
