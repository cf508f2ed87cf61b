"""What of requests and answers the short road reads itself, and what it leaves to others."""

from __future__ import annotations

import pytest

from sandboxes.preview.quick import bodies, heads, plan

pytestmark = pytest.mark.unit
SANDBOX = "a" * 20
HOST = f"3000-{SANDBOX}.vibe.localhost:8000"


def planned(*lines: str, method: bytes = b"GET") -> plan.Plan | None:
    block = "".join(f"{line}\r\n" for line in (f"Host: {HOST}", *lines)).encode("latin-1")
    return plan.of(method, block, "192.0.2.1")


def fed(body: bodies.Body, data: bytes, size: int) -> bytes:
    return b"".join(body.feed(data[at : at + size]) for at in range(0, len(data), size))


@pytest.mark.parametrize(
    "line",
    [
        b"POST / HTTP/1.1",
        b"GET / HTTP/1.0",
        b"GET http://elsewhere/ HTTP/1.1",
        b"GET  / HTTP/1.1",
        b"GET /a b HTTP/1.1",
        b"GET /\x00 HTTP/1.1",
        b"GET / HTTP/1.1\r",
    ],
)
def test_a_request_line_that_is_unusual_is_left_to_the_long_road(line: bytes) -> None:
    with pytest.raises(heads.Unusual):
        heads.request_line(line)


@pytest.mark.parametrize(
    "block",
    [
        b"A : 1\r\n",
        b"A: 1\r\n b\r\n",
        b"A: 1\n",
        b"A: \x00\r\n",
        b"A_B: 1\r\n",
        b"A\r\n",
        b": 1\r\n",
    ],
)
def test_a_header_line_that_can_be_read_in_two_ways_is_not_read(block: bytes) -> None:
    with pytest.raises(heads.Unusual):
        heads.fields(block)


@pytest.mark.parametrize(
    "line",
    [
        "Content-Length: 0",
        "Transfer-Encoding: chunked",
        "Expect: 100-continue",
        "Upgrade: websocket",
        "Connection: keep-alive, X-Forwarded-For",
        f"Host: {HOST}",
    ],
)
def test_a_request_with_more_than_a_head_takes_the_long_road(line: str) -> None:
    assert planned(line) is None


def test_a_request_passes_by_the_rules_of_the_long_road() -> None:
    passed = planned("X-Forwarded-For: 8.8.8.8", "Cookie: __Host-vibe_session=s; a=1")

    assert passed is not None
    assert b"x-forwarded-for: 192.0.2.1\r\n" in passed.fields
    assert b"8.8.8.8" not in passed.fields
    assert b"cookie: a=1\r\n" in passed.fields


@pytest.mark.parametrize(
    ("path", "ours"),
    [
        (b"/.well-known/vibe-beside", True),
        (b"/%2ewell-known/vibe%2Dbeside?x", True),
        (b"/.well-known/acme", False),
        (b"/page?next=/.well-known/vibe-beside", False),
    ],
)
def test_paths_of_the_platform_are_known_in_any_spelling(path: bytes, ours: bool) -> None:
    assert plan.is_ours(path) is ours


@pytest.mark.parametrize(
    "lines",
    [
        b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 1\r\nContent-Length: 1\r\n",
        b"Content-Length: +1\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
    ],
)
def test_an_answer_whose_length_is_in_doubt_is_not_read(lines: bytes) -> None:
    with pytest.raises(heads.Unusual):
        heads.answer(b"HTTP/1.1 200 OK\r\n" + lines + b"\r\n")


def test_a_chunked_body_is_found_however_it_is_cut() -> None:
    data = b"3;x=y\r\nabc\r\n0A\r\n0123456789\r\n0\r\nTrailer: dropped\r\n\r\n"
    for size in range(1, len(data) + 1):
        body = bodies.Chunked()
        assert fed(body, data, size) == b"abc0123456789"
        assert body.done
        assert body.exact


def test_bytes_behind_a_body_are_no_part_of_it() -> None:
    for body, data in (
        (bodies.Chunked(), b"1\r\na\r\n0\r\n\r\nHTTP/1.1"),
        (bodies.Counted(1), b"aHTTP/1.1"),
    ):
        assert body.feed(data) == b"a"
        assert body.done
        assert not body.exact


@pytest.mark.parametrize(
    "data",
    [b"-1\r\n", b"0x1\r\n", b"1\r\nab\r\n", b"1\nab\r\n", b"\r\n", b"1" * 5000, b"1\r\na\n\n"],
)
def test_a_chunked_body_that_can_be_read_in_two_ways_is_broken(data: bytes) -> None:
    body = bodies.Chunked()
    with pytest.raises(bodies.Broken):
        body.feed(data)


def test_a_body_that_ends_early_is_broken() -> None:
    for body in (bodies.Counted(2), bodies.Chunked()):
        body.feed(b"1")
        with pytest.raises(bodies.Broken):
            body.end()


def test_an_answer_to_head_has_no_body_whatever_its_head_says() -> None:
    asked = planned(method=b"HEAD")
    assert asked is not None
    passage = asked.passage(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")

    assert passage.body().done
    assert b"content-length: 5\r\n" in passage.head
