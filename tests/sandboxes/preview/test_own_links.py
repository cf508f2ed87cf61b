"""Links to localhost in a page, however it is cut."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandboxes.preview.host import Site, Target
from sandboxes.preview.inside import Inside
from sandboxes.preview.own_links import OwnLinks, asked_plain

pytestmark = pytest.mark.unit
ID = "a" * 20
DOMAIN = "preview.test"
INSIDE = Inside(Site(Target(3000, ID), "https", f"3000-{ID}.{DOMAIN}"))
HTML = [(b"Content-Type", b"text/html; charset=utf-8")]


def translated(*pieces: bytes) -> bytes:
    links = OwnLinks(INSIDE)
    return b"".join([*(links.feed(piece) for piece in pieces), links.end()])


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('<a href="http://localhost:3000/a">', f'<a href="https://3000-{ID}.{DOMAIN}/a">'),
        ("<a href='https://localhost:3000'>", f"<a href='https://3000-{ID}.{DOMAIN}'>"),
        ("<img src=http://localhost:8000>", f"<img src=https://8000-{ID}.{DOMAIN}>"),
        ('data-socket="ws://localhost:3000/"', f'data-socket="wss://3000-{ID}.{DOMAIN}/"'),
    ],
)
def test_a_link_to_localhost_becomes_one_to_the_preview(said: str, told: str) -> None:
    assert translated(said.encode()) == told.encode()


@pytest.mark.parametrize(
    "said",
    [
        "Origin: http://localhost:3000",
        "{'origin': 'http://localhost:3000'}",
        'href="localhost:3000"',
        'href="http://localhost/"',
        'href="http://localhost:80/"',
        'href="http://localhost:300000/"',
        'href="http://localhost.example:3000/"',
        'href="http://my-localhost:3000/"',
        'href="/?next=http%3A%2F%2Flocalhost%3A3000"',
        'href="http://127.0.0.1:3000/"',
    ],
)
def test_everything_else_stays_as_it_is(said: str) -> None:
    assert translated(said.encode()) == said.encode()


@given(cuts=st.lists(st.integers(0, 110), max_size=8))
def test_cuts_make_no_difference(cuts: list[int]) -> None:
    body = (
        b"a=\"http://localhost:3000/a\" b='http://localhost:30001' c=wss://localhost:8000h "
        b'd="http://localhost" e="=http'
    )
    places = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    pieces = [body[begin:end] for begin, end in itertools.pairwise(places)]

    assert translated(*pieces) == translated(body)


def test_a_piece_that_ends_in_no_address_does_not_wait() -> None:
    assert OwnLinks(INSIDE).feed(b"<p>what you see</p>") == b"<p>what you see</p>"


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (200, [(b"Content-Type", b"text/javascript")]),
        (200, [(b"Content-Type", b"application/json")]),
        (200, [(b"Content-Type", b"text/event-stream")]),
        (200, [*HTML, (b"Content-Encoding", b"gzip")]),
        (206, HTML),
        (304, HTML),
        (200, []),
    ],
)
def test_other_answers_are_not_looked_through(status: int, headers) -> None:
    assert OwnLinks.of(INSIDE, status, headers) is None


def test_pages_are_asked_for_uncompressed_and_scripts_are_not() -> None:
    encoding = (b"accept-encoding", b"gzip")
    script = [encoding, (b"sec-fetch-dest", b"script")]

    assert asked_plain([encoding], INSIDE) == []
    assert asked_plain(script, INSIDE) == script


def test_a_server_that_was_told_the_outer_name_keeps_its_pages() -> None:
    inside = Inside(Site(Target(3000, ID), "http", f"3000-{ID}.localhost:8000"))

    assert OwnLinks.of(inside, 200, HTML) is None
