"""The same hostile page in Firefox, as far as browsers differ: cookies, and what they say of a
request."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from sandboxes.models import Sandbox
from tests.fixtures.firefox import Firefox, firefox, running_firefox
from tests.fixtures.platform import SESSION_COOKIE
from tests.fixtures.waiting import until
from tests.sandboxes.preview.hostile_page import FETCH, FRAME, LOADED, POST, SOCKET, noted
from vibe.accounts.models import ApiKey

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.skipif(firefox() is None, reason="needs Firefox (Debian: apt install firefox-esr)"),
]


@pytest.fixture(scope="module")
def started() -> Iterator[Firefox]:
    path = firefox()
    assert path is not None
    with running_firefox(path) as fox:
        yield fox


@pytest.fixture
def preview_access() -> str:
    """As people find it: the browser is led in by its session."""
    return "private"


@pytest.fixture
def fox(started: Firefox, site, web, sandbox: Sandbox) -> Firefox:
    """Signed in, and showing the page of the preview."""
    started.call("storage.deleteCookies")
    cookie = {
        "name": SESSION_COOKIE,
        "value": {"type": "string", "value": site.session},
        "domain": site.host,
        "path": "/",
        "secure": True,
        "httpOnly": True,
        "sameSite": "lax",
    }
    started.call("storage.setCookie", cookie=cookie)
    assert is_signed_in(started, site)
    started.goto(f"http://{web.host(sandbox)}/page")
    return started


@pytest.fixture
def other(row_of, served) -> Sandbox:
    return row_of(served, access="link")


def is_signed_in(fox: Firefox, site) -> bool:
    fox.goto(f"{site.url}/settings/")
    return fox.run("() => document.querySelector('h1').innerText") == "Settings"


def test_a_script_cannot_read_the_platform(fox: Firefox, site) -> None:
    for path in ("/settings/", "/api/v1/me", "/static/css/tokens.css"):
        for mode in ("cors", "no-cors"):
            assert fox.run(FETCH.replace("MODE", mode), f"{site.url}{path}") == "TypeError"


def test_nothing_can_be_embedded(fox: Firefox, site) -> None:
    for tag, path in (("img", "/static/favicon.svg"), ("script", "/static/js/preview.js")):
        assert fox.run(LOADED.replace("TAG", tag), f"{site.url}{path}") == "refused"
    fox.run(FRAME, f"{site.url}/settings/")
    (frame,) = fox.frames()
    assert "API keys" not in fox.run("() => document.body?.innerText ?? ''", frame=frame)


def test_a_form_cannot_act_on_the_platform(fox: Firefox, site) -> None:
    fox.run(POST, f"{site.url}/settings/api-keys/")

    until(lambda: "another origin" in fox.run("() => document.body?.innerText ?? ''"), fox.url)
    assert not ApiKey.objects.exists()


def test_a_socket_cannot_be_opened_to_the_platform(fox: Firefox, site) -> None:
    assert fox.run(SOCKET, f"{site.url}/ws/nothing/".replace("http", "ws")) == "refused"


@pytest.mark.parametrize("prefix", ["", "=", "\u2000", "\u00a0", "\t"])
def test_a_cookie_of_the_preview_is_never_taken_for_the_platforms(
    fox: Firefox, site, prefix: str
) -> None:
    fox.run(
        """names => { for (const name of names) for (const more of ['', '; Secure'])
            for (const path of ['/', '/settings'])
                document.cookie = `${name}=tossed; domain=vibe.localhost; path=${path}${more}` }""",
        [prefix + SESSION_COOKIE, prefix + SESSION_COOKIE.lower(), f"{prefix}__Host-vibe_csrf"],
    )

    assert is_signed_in(fox, site)


def test_more_cookies_than_can_be_read_are_removed_with_a_word(fox: Firefox, site) -> None:
    fox.run(
        """() => { for (let i = 0; i < 40; i++) document.cookie =
            `bomb${i}=${'x'.repeat(3900)}; domain=vibe.localhost; path=/` }"""
    )

    fox.goto(f"{site.url}/settings/")
    assert "They have just been removed" in fox.run("() => document.body.innerText")

    def asks_to_sign_in() -> bool:
        fox.goto(f"{site.url}/settings/")
        return fox.run("() => document.querySelector('h1')?.innerText") == "Sign in"

    until(asks_to_sign_in, lambda: fox.run("() => document.body.innerText"))


@pytest.mark.parametrize("how", ["fetch", "img", "form", "frame"])
def test_what_it_asks_of_another_sandbox_arrives_without_its_cookies(
    fox: Firefox, web, other: Sandbox, sandbox: Sandbox, how: str
) -> None:
    fox.goto(f"http://{web.host(other)}/page")
    fox.run("() => document.querySelector('button').click()")  # Continue to the app
    until(lambda: "Continue" not in fox.run("() => document.body?.innerText ?? 'Continue'"))
    fox.run("() => { document.cookie = 'login=theirs; SameSite=Lax' }")
    fox.goto(f"http://{web.host(sandbox)}/page")
    name = secrets.token_hex(6)
    ask = {
        "fetch": FETCH.replace("MODE", "no-cors"),
        "img": LOADED.replace("TAG", "img"),
        "form": POST,
        "frame": FRAME,
    }[how]

    fox.run(ask, f"http://{web.host(other)}/note?name={name}")

    arrived = until(lambda: noted(web, other, name))
    assert "cookie" not in arrived
