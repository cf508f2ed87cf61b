from __future__ import annotations

import pytest

from tests.vibe.web.scopes import HOST, scope
from vibe.web.own_origin import OwnPagesOnly, is_foreign

PREVIEW = "http://3000-abcdefghij0123456789.vibe.localhost:8000"
TAB = {"sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
FRAME = {"sec_fetch_mode": "navigate", "sec_fetch_dest": "iframe"}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_a_page_of_the_platform_may_ask(method: str) -> None:
    own = {"origin": f"http://{HOST}", "sec_fetch_site": "same-origin"}

    assert not is_foreign(scope(method, **own))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_program_that_says_nothing_of_a_page_may_ask(method: str) -> None:
    assert not is_foreign(scope(method))


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("origin", [PREVIEW, "null", "http://app.vibe.localhost:9000", "file://"])
def test_a_foreign_origin_may_ask_nothing(method: str, origin: str) -> None:
    assert is_foreign(scope(method, origin=origin))


@pytest.mark.parametrize("site", ["same-site", "cross-site", "new-word"])
@pytest.mark.parametrize("more", [{}, FRAME, {"sec_fetch_mode": "no-cors"}])
def test_what_a_browser_calls_foreign_is(site: str, more: dict[str, str]) -> None:
    assert is_foreign(scope(sec_fetch_site=site, **more))


@pytest.mark.parametrize("site", ["same-site", "cross-site"])
def test_a_link_anywhere_may_open_a_page_in_a_tab(site: str) -> None:
    assert not is_foreign(scope(sec_fetch_site=site, **TAB))
    assert is_foreign(scope("POST", sec_fetch_site=site, **TAB))


@pytest.mark.parametrize(
    ("shown", "status", "cookie"),
    [
        ({"origin": PREVIEW, "authorization": "Bearer vibe_x"}, 200, False),
        ({"origin": PREVIEW, "authorization": "Basic eDp5"}, 403, False),
        ({"origin": PREVIEW}, 403, False),
        ({"origin": f"http://{HOST}"}, 200, True),
        ({}, 200, True),
    ],
)
async def test_a_foreign_page_is_let_in_by_a_key_and_never_by_a_cookie(
    shown: dict[str, str], status: int, cookie: bool
) -> None:
    seen: list[bytes] = []
    sent: list[int] = []

    async def app(inner, _receive, send) -> None:
        seen.extend(name for name, _ in inner["headers"])
        await send({"type": "http.response.start", "status": 200})

    async def send(event) -> None:
        sent.append(event.get("status", 0))

    await OwnPagesOnly(app)(scope("POST", cookie="a=1", **shown), None, send)  # type: ignore[arg-type]

    assert sent[0] == status
    assert (b"cookie" in seen) is cookie


def test_a_proxy_in_front_may_change_the_host(settings) -> None:
    settings.PUBLIC_URL = "https://vibe.example.com"

    assert not is_foreign(scope("POST", host="127.0.0.1:8000", origin="https://vibe.example.com"))
    assert is_foreign(scope("POST", host="127.0.0.1:8000", origin="https://example.com"))


def test_two_origins_are_a_trick() -> None:
    asked = scope(origin=f"http://{HOST}", sec_fetch_site="same-origin")
    asked["headers"].append((b"origin", f"http://{HOST}".encode()))

    assert is_foreign(asked)


@pytest.mark.parametrize("origin", ["http://vibe.example", "HTTP://VIBE.example"])
def test_with_tls_a_page_of_the_same_name_without_it_is_foreign(settings, origin: str) -> None:
    settings.HTTPS, settings.PUBLIC_URL = True, "https://vibe.example"

    assert is_foreign(scope("POST", host="vibe.example", origin=origin))
    assert not is_foreign(scope("POST", host="vibe.example", origin="https://vibe.example"))


def test_with_tls_in_front_this_machine_itself_is_asked_without(settings) -> None:
    settings.HTTPS, settings.PUBLIC_URL = True, "https://vibe.example"

    assert not is_foreign(scope("POST", host="127.0.0.1:8000", origin="http://127.0.0.1:8000"))
