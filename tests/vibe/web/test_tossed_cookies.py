from __future__ import annotations

import pytest

from vibe.web.daphne_seam.tossed_cookies import MOST, endings

HOST = b"app.vibe.localhost:8000"


def test_a_cookie_is_ended_for_the_domains_above_the_host() -> None:
    assert endings(b"Cookie: a=1; b=2", HOST, b"/").splitlines() == [
        b"Set-Cookie: a=; Max-Age=0; Path=/; Domain=vibe.localhost",
        b"Set-Cookie: b=; Max-Age=0; Path=/; Domain=vibe.localhost",
    ]


def test_it_is_ended_at_the_path_that_was_asked_for_too() -> None:
    said = endings(b"cookie: a=1", HOST, b"/settings/x?y")

    assert [line.split(b"; ")[2] for line in said.splitlines()] == [
        b"Path=/", b"Path=/settings", b"Path=/settings/",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "host"),
    [
        (b"X-Other: a=1", HOST),
        (b"Cookie: a=1", b""),
        (b"Cookie: a=1", b"localhost:8000"),
        (b"Cookie: a=1", b"x\r\ny.z.w"),
        (b"Cookie: a b=1; \r\nX: y=1", HOST),
    ],
)
def test_nothing_else_gets_into_the_answer(line: bytes, host: bytes) -> None:
    assert endings(line, host, b"/") == b""


def test_the_answer_stays_small_whatever_is_sent() -> None:
    many = b"; ".join(b"n%d%s=1" % (number, b"x" * 300) for number in range(2000))

    assert len(endings(b"Cookie: " + many, HOST, b"/")) < MOST + 1000
