"""Frames for a socket are few, small enough, and hold every byte."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing

import pytest

from sandboxes.output import paced
from sandboxes.output.paced import Frame, frames, joined
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


async def trickle(count: int, pause: float):
    """One piece every `pause` seconds; those that came while nobody asked come together."""
    start, sent = time.monotonic(), 0
    while sent < count:
        due = min(count, int((time.monotonic() - start) / pause) + 1)
        if due > sent:
            yield [Piece(n, 1, b"x", time.time()) for n in range(sent, due)]
            sent = due
        else:
            await asyncio.sleep(pause / 4)


async def test_many_small_pieces_come_in_few_frames_and_the_first_at_once():
    start = time.monotonic()
    times, data = [], b""
    async with aclosing(frames(trickle(200, 0.004), 1000)) as found:
        async for frame in found:
            times.append(time.monotonic() - start)
            assert frame.offset == len(data)
            data += frame.data
    assert data == b"x" * 200
    assert len(times) <= times[-1] / paced.FRAME_SECONDS + 2


async def test_where_many_watch_each_gets_fewer_frames():
    async def nothing_yet():
        await asyncio.Event().wait()
        yield [Piece(0, 1, b"x")]

    alone = paced.pause()
    watching = [frames(nothing_yet(), 1000) for _ in range(1000)]
    waiting = [asyncio.ensure_future(anext(one)) for one in watching]
    await asyncio.sleep(0)
    try:
        assert paced.pause() * paced.FRAMES_A_SECOND == 1000 > alone * paced.FRAMES_A_SECOND
    finally:
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    assert paced.pause() == alone == paced.FRAME_SECONDS


async def test_much_output_is_not_slowed_down():
    async def flood():
        for n in range(40):
            yield [Piece(n * 65_536, 1, b"x" * 65_536)]

    start = time.monotonic()
    async with aclosing(frames(flood(), 256 * 1024)) as found:
        sizes = [len(frame.data) async for frame in found]
    assert sum(sizes) == 40 * 65_536
    # Forty waits would be two seconds.
    assert time.monotonic() - start < 1.0


async def test_an_error_of_the_source_reaches_the_reader():
    async def broken():
        yield [Piece(0, 1, b"x")]
        raise TimeoutError("the output is not stored")

    with pytest.raises(TimeoutError):
        async with aclosing(frames(broken(), 1000)) as found:
            async for _ in found:
                pass
