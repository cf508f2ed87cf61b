"""Frames for a socket are few, small enough, and hold every byte."""

from __future__ import annotations

from sandboxes.output.frames import Frame, joined
from sandboxes.output.replay import Dropped, Piece


def test_neighbours_are_joined_and_no_frame_is_too_large():
    group = [Piece(0, 1, b"abc"), Piece(3, 1, b"defgh"), Piece(8, 2, b"x"), Piece(9, 1, b"y")]
    assert [(f.offset, f.stream, f.data) for f in joined(group, 4)] == [
        (0, 1, b"abc"),
        (3, 1, b"defg"),
        (7, 1, b"h"),
        (8, 2, b"x"),
        (9, 1, b"y"),
    ]


def test_what_was_read_at_another_time_keeps_its_time():
    group = [Piece(0, 1, b"a", 100.0), Piece(1, 1, b"b", 101.0), Piece(2, 1, b"c", 190.0)]
    assert [(f.data, f.at) for f in joined(group, 9)] == [(b"ab", 100.0), (b"c", 190.0)]


def test_pieces_on_both_sides_of_a_gap_stay_apart():
    group = [Piece(0, 1, b"a"), Dropped(1, 5, 7), Piece(6, 1, b"b")]
    assert [type(item) for item in joined(group, 9)] == [Frame, Dropped, Frame]
