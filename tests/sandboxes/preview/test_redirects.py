"""Redirects of a server to itself, as it knows itself, lead the browser to its preview."""

from __future__ import annotations

import pytest

from sandboxes.preview.headers import for_browser
from sandboxes.preview.host import Site, Target
from sandboxes.preview.redirects import to_browser

pytestmark = pytest.mark.unit

ID = "a" * 20
SITE = Site(Target(3000, ID), "http", f"3000-{ID}.localhost:8000")
OWN = f"http://3000-{ID}.localhost:8000"
OTHER = f"http://5173-{ID}.localhost:8000"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("http://localhost:3000/login?next=%2F#top", f"{OWN}/login?next=%2F#top"),
        ("http://127.0.0.1:3000/", f"{OWN}/"),
        ("http://0.0.0.0:3000/a", f"{OWN}/a"),
        ("http://[::1]:3000/a", f"{OWN}/a"),
        ("HTTP://LOCALHOST:3000", f"{OWN}/"),
        ("http://localhost.:3000/a", f"{OWN}/a"),
        ("https://localhost:3000/a", f"{OWN}/a"),
        ("//localhost:3000/a", f"{OWN}/a"),
        ("http://localhost/a", f"{OWN}/a"),
        ("http://localhost:5173/other", f"{OTHER}/other"),
    ],
)
def test_its_own_names_become_its_address(said: str, told: str) -> None:
    assert to_browser(b"location", said.encode(), SITE) == told.encode()


@pytest.mark.parametrize(
    "said",
    [
        "/login",
        "login?a=http://localhost:3000/",
        "https://example.com/",
        "http://localhost.example.com:3000/",
        "http://localhost@example.com:3000/",
        "http://example.com/?localhost:3000",
        "ftp://localhost:3000/",
        "javascript:alert(1)",
        "http://localhost:99/",  # no port that a preview could show
        "http://localhost:999999/",
        "http://[broken/",
        "",
    ],
)
def test_everything_else_stays_as_it_is(said: str) -> None:
    assert to_browser(b"location", said.encode(), SITE) == said.encode()


def test_a_refresh_is_a_redirect_too() -> None:
    said = b"0; url=http://localhost:3000/next"

    assert to_browser(b"refresh", said, SITE) == f"0; url={OWN}/next".encode()
    assert to_browser(b"refresh", b"5", SITE) == b"5"


def test_other_headers_are_nobodys_address() -> None:
    assert to_browser(b"x-see", b"http://localhost:3000/", SITE) == b"http://localhost:3000/"


def test_bytes_beyond_ascii_come_through() -> None:
    said = "http://localhost:3000/ü".encode()

    assert to_browser(b"location", said, SITE) == f"{OWN}/ü".encode()


def policy(status: int, location: str) -> bytes:
    given = [(b"location", location.encode()), (b"referrer-policy", b"no-referrer")]
    return dict(for_browser(given, SITE, status))[b"referrer-policy"]


@pytest.mark.parametrize("within", ["/login/?next=/", "login", "?page=2", f"{OWN}/a", f"{OTHER}/a"])
def test_who_has_asked_is_told_on_where_a_redirect_stays_in_the_sandbox(within: str) -> None:
    """Else the workbench's own frame is taken for a stranger's after an app's first redirect."""
    assert policy(302, within) == b"origin"
    assert policy(201, within) == b"no-referrer"


@pytest.mark.parametrize(
    "away",
    ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", "/\t/a.example/",
     f"http://3000-{'b' * 20}.localhost:8000/", "mailto:a@example.com", ""],
)  # fmt: skip
def test_who_has_asked_is_told_to_nobody_else(away: str) -> None:
    assert policy(302, away) == b"no-referrer"
