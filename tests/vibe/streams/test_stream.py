from __future__ import annotations

from vibe.streams.redis import sync_client
from vibe.streams.stream import EventStream


def test_events_are_numbered_from_one():
    stream = EventStream("events:test")
    assert [stream.append(type="a"), stream.append(type="b")] == [1, 2]


def test_reading_starts_after_the_cursor():
    stream = EventStream("events:test")
    for name in "abc":
        stream.append(type=name)
    assert stream.read(after=1) == [(2, {"type": "b"}), (3, {"type": "c"})]


def test_numbers_go_on_when_redis_has_lost_the_stream():
    stream = EventStream("events:test")
    stream.append(type="a")
    stream.append(type="b")
    sync_client().flushall()
    assert stream.append(type="c") == 3


def test_two_writers_never_share_a_number():
    first, second = EventStream("events:test"), EventStream("events:test")
    assert [first.append(t=1), second.append(t=2), first.append(t=3)] == [1, 2, 3]


def test_waiting_returns_the_number_of_what_came():
    stream = EventStream("events:test")
    stream.append(type="a")
    assert stream.wait(0, 5) == 1


def test_waiting_ends_with_its_time():
    assert EventStream("events:nothing").wait(0, 0.01) == 0
