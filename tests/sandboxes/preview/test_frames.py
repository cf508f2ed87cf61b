"""The frames of a WebSocket as they pass by, however the stream is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandboxes.preview.frames import (
    CLOSE,
    OWN_PING,
    PING,
    PONG,
    Fault,
    Frames,
    close_frame,
    frame,
)
from vibe.web.daphne_seam.websockets import frame as data_frame

pytestmark = pytest.mark.unit
BINARY = 2


def head(opcode: int, size: int, *, final: bool = True) -> bytes:
    return bytes(((0x80 if final else 0) | opcode, 127)) + size.to_bytes(8, "big")


@given(messages=st.lists(st.binary(max_size=300), max_size=5), cuts=st.lists(st.integers(0, 2000)))
def test_the_stream_passes_as_it_is_however_it_is_cut(
    messages: list[bytes], cuts: list[int]
) -> None:
    stream = b"".join(data_frame(BINARY, m) + frame(PING, m[:125]) for m in messages)
    frames, passed, last = Frames(1000), b"", 0
    for cut in [*sorted(c for c in cuts if c < len(stream)), len(stream)]:
        passed += b"".join(frames.pass_on(stream[last:cut]))
        last = cut

    assert passed == stream
    assert frames.at_boundary
    assert frames.fault is None


def test_a_payload_passes_before_it_is_whole() -> None:
    frames = Frames(1 << 30)

    assert frames.pass_on(head(BINARY, 1 << 29) + b"abc") == [head(BINARY, 1 << 29) + b"abc"]
    assert not frames.at_boundary


@pytest.mark.parametrize("cut", range(12))
def test_nothing_passes_of_a_message_that_is_too_large(cut: int) -> None:
    stream = data_frame(BINARY, b"first") + head(BINARY, 101) + bytes(101)
    frames, place = Frames(100), len(data_frame(BINARY, b"first")) + cut

    passed = b"".join(frames.pass_on(stream[:place]) + frames.pass_on(stream[place:]))

    assert passed == data_frame(BINARY, b"first")
    assert frames.fault is Fault.TOO_LARGE
    assert frames.at_boundary


def test_the_frames_of_one_message_are_counted_together() -> None:
    frames = Frames(100)
    frames.pass_on(head(BINARY, 60, final=False) + bytes(60))
    frames.pass_on(frame(PING, b"between"))

    assert frames.pass_on(head(0, 60) + bytes(60)) == []
    assert frames.fault is Fault.TOO_LARGE


def test_one_message_after_another_is_counted_anew() -> None:
    frames = Frames(100)
    for _ in range(5):
        assert frames.pass_on(data_frame(BINARY, bytes(100)))

    assert frames.fault is None


@pytest.mark.parametrize(
    "broken", [head(PING, 126), head(CLOSE, 2**62), head(PONG, 5, final=False)]
)
def test_a_control_frame_that_cannot_be_one_never_passes(broken: bytes) -> None:
    frames = Frames(100)

    assert frames.pass_on(broken) == []
    assert frames.fault is Fault.BROKEN


def test_the_close_frame_is_seen_behind_what_was_refused() -> None:
    frames = Frames(100)

    assert frames.pass_on(head(BINARY, 101) + bytes(101) + close_frame(1009)) == []
    assert frames.closed
    assert frames.code == 1009


def test_a_masked_close_code_is_read() -> None:
    frames = Frames(100)
    frames.pass_on(b"\x88\x82\x01\x02\x03\x04" + bytes((4005 >> 8 ^ 1, 4005 & 255 ^ 2)))

    assert frames.code == 4005


def test_answers_to_our_own_pings_are_nobody_elses() -> None:
    frames = Frames(100)

    assert frames.pass_on(frame(PONG, OWN_PING, masked=True)) == []
    assert frames.pass_on(frame(PONG, b"theirs")) == [frame(PONG, b"theirs")]


def test_a_reason_that_is_too_long_is_cut_between_characters() -> None:
    assert len(close_frame(1009, "ü" * 100)) <= 2 + 125
    close_frame(1009, "ü" * 100)[4:].decode()
