from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sandboxes.output.decoding import LogText


def feed(pieces: list[tuple[int, bytes]]) -> list[dict]:
    text, lines, offset = LogText(), [], 0
    for stream, data in pieces:
        if line := text.feed(offset, stream, data):
            lines.append(line)
        offset += len(data)
    return lines + text.flush()


def test_it_works() -> None:
    assert feed([(1, b"hello\n"), (2, b"oh\n")]) == [
        {"offset": 0, "stream": "stdout", "data": "hello\n", "next": 6},
        {"offset": 6, "stream": "stderr", "data": "oh\n", "next": 9},
    ]


def test_a_character_split_over_two_pieces_comes_whole() -> None:
    raw = "aé".encode()
    assert feed([(1, raw[:2]), (1, raw[2:])]) == [
        {"offset": 0, "stream": "stdout", "data": "a", "next": 1},
        {"offset": 1, "stream": "stdout", "data": "é", "next": 3},
    ]


def test_a_character_split_around_the_other_stream_comes_whole() -> None:
    raw = "€".encode()
    lines = feed([(1, raw[:1]), (2, b"x"), (1, raw[1:])])
    assert [(line["stream"], line["data"]) for line in lines] == [("stderr", "x"), ("stdout", "€")]


def test_a_broken_end_is_replaced() -> None:
    assert [line["data"] for line in feed([(1, b"a\xe2\x82")])] == ["a", "\ufffd"]


def test_bytes_that_are_no_text_are_replaced_and_offsets_stay_exact() -> None:
    lines = feed([(1, b"\xff\xfe"), (1, b"b")])
    assert [(line["offset"], line["data"]) for line in lines] == [(0, "\ufffd\ufffd"), (2, "b")]


@given(text=st.text(max_size=60), cuts=st.lists(st.integers(0, 240), max_size=12))
def test_however_one_stream_is_cut_its_text_is_the_same(text: str, cuts: list[int]) -> None:
    raw = text.encode()
    edges = sorted({0, len(raw), *(cut for cut in cuts if cut < len(raw))})
    lines = feed([(1, raw[a:b]) for a, b in pairwise(edges)])
    assert "".join(line["data"] for line in lines) == text
    position = 0
    for line in lines:
        assert line["offset"] == position
        position += len(line["data"].encode())
        assert line["next"] == position
