from __future__ import annotations

import pytest

from tests.vibe.web.scopes import HOST, scope
from vibe.web.cookie_names import CookieNames, inward, outward, takes_secure

STRONG = {b"__Host-vibe_session": b"vibe_session", b"__Host-vibe_csrf": b"vibe_csrf"}
BARE = {b"vibe_session": b"vibe_session", b"vibe_csrf": b"vibe_csrf"}
CHROME = "Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36"
SAFARI = "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605"


def cookies(sent: bytes, names: dict[bytes, bytes] = STRONG) -> bytes | None:
    return dict(inward([(b"host", b"x"), (b"cookie", sent)], names)).get(b"cookie")


def test_the_platform_sees_its_cookies_by_their_bare_names() -> None:
    sent = b"__Host-vibe_session=a; other=1; __Host-vibe_csrf=b"

    assert cookies(sent) == b"vibe_session=a; vibe_csrf=b"


@pytest.mark.parametrize(
    "sent",
    [
        b"vibe_session=tossed",
        b"__host-vibe_session=tossed",
        b"__Host-vibe_session =tossed",
        b"\xa0__Host-vibe_session=tossed",
        b"\xe2\x80\x80__Host-vibe_session=tossed",
        b"\x0b__Host-vibe_session=tossed",
        b"=__Host-vibe_session=tossed",
        b"__Host-vibe_session",
        b"sessionid=tossed; csrftoken=tossed; messages=tossed",
    ],
)
def test_a_cookie_that_anybody_may_set_is_not_the_platforms(sent: bytes) -> None:
    assert cookies(sent) is None


PROGRAM = [(b"user-agent", b"python-requests/2.32")]


@pytest.mark.parametrize(
    ("host", "more", "strong"),
    [
        (b"127.0.0.1:8000", PROGRAM, False),
        (b"localhost:8000", [], False),
        (b"[::1]:8000", PROGRAM, False),
        (b"127.0.0.1:8000", [(b"user-agent", CHROME.encode())], True),
        (b"127.0.0.1:8000", [*PROGRAM, (b"sec-fetch-site", b"cross-site")], True),
        (b"127.0.0.1:8000", [(b"cookie", b"__Host-vibe_session=a")], True),
        (b"app.vibe.localhost:8000", PROGRAM, True),
        (b"app.vibe.localhost.:8000", PROGRAM, True),
    ],
)
def test_only_a_program_that_asks_by_number_has_a_cookie_without_secure(
    host: bytes, more: list[tuple[bytes, bytes]], strong: bool
) -> None:
    given = {**scope("GET", "/"), "headers": [(b"host", host), *more]}

    assert takes_secure(given) is strong


def test_of_two_by_one_name_neither_is_taken() -> None:
    assert cookies(b"__Host-vibe_session=a; __Host-vibe_session=b") is None
    assert cookies(b"vibe_session=a; vibe_session=b; vibe_csrf=c", BARE) == b"vibe_csrf=c"


def test_two_headers_are_read_as_one() -> None:
    sent = [(b"cookie", b"__Host-vibe_session=a"), (b"cookie", b"__Host-vibe_session=b")]

    assert inward(sent, STRONG) == []


@pytest.mark.parametrize(
    ("set_by", "sent"),
    [
        (b"vibe_session=a; Path=/", b"__Host-vibe_session=a; Path=/; Secure"),
        (b'vibe_csrf=""; Max-Age=0; Path=/', b'__Host-vibe_csrf=""; Max-Age=0; Path=/; Secure'),
        (b"other=a", b"other=a"),
    ],
)
def test_the_browser_gets_the_strong_name(set_by: bytes, sent: bytes) -> None:
    assert outward([(b"Set-Cookie", set_by)], STRONG) == [(b"Set-Cookie", sent)]


def test_where_it_would_refuse_that_it_gets_the_bare_one() -> None:
    assert outward([(b"set-cookie", b"vibe_session=a")], BARE) == [
        (b"set-cookie", b"vibe_session=a")
    ]


@pytest.mark.parametrize(
    ("host", "agent", "takes"),
    [
        (HOST, CHROME, True),
        ("127.0.0.1:8000", CHROME, True),
        ("localhost", CHROME, True),
        ("[::1]:8000", CHROME, True),
        (HOST, SAFARI, False),
        ("192.168.1.5:8000", CHROME, False),
        ("vibe.example", CHROME, False),
    ],
)
def test_secure_cookies_are_taken_over_plain_http_from_this_machine(
    host: str, agent: str, takes: bool
) -> None:
    assert takes_secure(scope(host=host, user_agent=agent)) is takes


@pytest.mark.parametrize("agent", [CHROME, SAFARI])
def test_with_tls_they_always_are(settings, agent: str) -> None:
    settings.HTTPS = True

    assert takes_secure(scope(host="vibe.example", user_agent=agent))


async def test_what_is_inside_knows_nothing_of_it() -> None:
    seen = []
    sent = []

    async def app(inner, _receive, send) -> None:
        seen.extend(inner["headers"])
        await send({"type": "http.response.start", "status": 200,
                    "headers": [(b"set-cookie", b"vibe_csrf=x; Path=/")]})  # fmt: skip
        await send({"type": "http.response.body", "body": b""})

    async def send(event) -> None:
        sent.append(event)

    asked = scope(cookie="__Host-vibe_session=a; vibe_session=b")
    await CookieNames(app)(asked, None, send)  # type: ignore[arg-type]

    assert (b"cookie", b"vibe_session=a") in seen
    assert sent[0]["headers"] == [(b"set-cookie", b"__Host-vibe_csrf=x; Path=/; Secure")]
