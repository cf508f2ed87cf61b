"""What a hostile page in a preview can do to a person who is signed in: nothing.

It is a page of the platform's own site, so browsers send the platform's cookies with what it asks.
A tab of a signed-in browser costs seconds: one tries all the ways of what it tries.
"""

from __future__ import annotations

import re
import secrets
from itertools import product

import pytest
from playwright.sync_api import BrowserContext, Page, Response

from sandboxes.models import Sandbox
from tests.fixtures.platform import SESSION_COOKIE
from tests.sandboxes.preview.hostile_page import FETCH, FRAME, LOADED, POST, SOCKET, noted
from vibe.accounts.models import ApiKey

pytestmark = [pytest.mark.browser, pytest.mark.sandbox]


@pytest.fixture
def other(row_of, served) -> Sandbox:
    """A sandbox that is not the hostile page's."""
    return row_of(served)


def settings_page(context: BrowserContext, site) -> Page:
    page = context.new_page()
    page.goto(f"{site.url}/settings/")
    return page


def is_signed_in(context: BrowserContext, site) -> bool:
    return settings_page(context, site).inner_text("h1") == "Settings"


def test_the_person_is_signed_in_to_the_platform(signed_in: BrowserContext, site) -> None:
    assert is_signed_in(signed_in, site)


def test_a_script_in_the_preview_cannot_read_the_platform(preview: Page, site) -> None:
    paths = ("/settings/", "/api/v1/me", "/static/css/tokens.css", "/healthz")
    outcomes = {
        (path, mode): preview.evaluate(FETCH.replace("MODE", mode), f"{site.url}{path}")
        for path, mode in product(paths, ("cors", "no-cors"))
    }

    assert outcomes == dict.fromkeys(outcomes, "TypeError")


def test_a_script_in_the_preview_cannot_change_the_platform(
    preview: Page, site, sandbox: Sandbox
) -> None:
    paths = ("/api/v1/sandboxes", f"/api/v1/sandboxes/{sandbox.pk}", "/settings/api-keys/")
    outcomes = {
        (path, method): preview.evaluate(
            """([url, method]) => fetch(url, {method, credentials: 'include', mode: 'no-cors'})
                .then(r => r.type, e => e.name)""",
            [f"{site.url}{path}", method],
        )
        for path, method in product(paths, ("POST", "PUT", "DELETE"))
    }

    assert outcomes == dict.fromkeys(outcomes, "TypeError")
    assert Sandbox.objects.count() == 1
    assert not ApiKey.objects.exists()


def test_nothing_of_the_platform_can_be_embedded_in_the_preview(preview: Page, site) -> None:
    paths = ("/static/favicon.svg", "/static/js/preview.js", "/api/v1/sandboxes", "/settings/")
    outcomes = {
        (path, tag): preview.evaluate(LOADED.replace("TAG", tag), f"{site.url}{path}")
        for path, tag in product(paths, ("img", "script", "video"))
    }

    assert outcomes == dict.fromkeys(outcomes, "refused")


def test_the_platform_does_not_let_itself_be_framed_by_the_preview(preview: Page, site) -> None:
    preview.evaluate(FRAME, f"{site.url}/settings/")

    assert all("API keys" not in frame.content() for frame in preview.frames[1:])


def test_a_form_of_the_preview_cannot_act_on_the_platform(preview: Page, site) -> None:
    with preview.expect_navigation() as navigation:
        preview.evaluate(POST, f"{site.url}/settings/api-keys/")

    assert navigation.value.status == 403
    assert "another origin" in navigation.value.text()
    assert not ApiKey.objects.exists()


def test_a_form_in_a_new_window_cannot_sign_the_person_out(
    preview: Page, signed_in: BrowserContext, site
) -> None:
    with signed_in.expect_page() as opened:
        preview.evaluate(
            """url => { const form = document.createElement('form'); form.target = '_blank';
                form.method = 'post'; form.action = url;
                document.body.append(form); form.submit(); }""",
            f"{site.url}/sign-out/",
        )
    opened.value.wait_for_load_state()

    assert is_signed_in(signed_in, site)


def test_a_socket_of_the_preview_cannot_be_opened_to_the_platform(preview: Page, site) -> None:
    for path in ("/ws/commands/x/log/", "/ws/nothing/"):
        outcome = preview.evaluate(SOCKET, f"{site.url}{path}".replace("http", "ws"))
        assert (path, outcome) == (path, "refused")


def test_a_window_that_the_preview_opens_on_the_platform_is_out_of_its_reach(
    preview: Page, signed_in: BrowserContext, site
) -> None:
    with signed_in.expect_page() as opened:
        preview.evaluate("url => { window.theirs = window.open(url); }", f"{site.url}/settings/")
    opened.value.wait_for_load_state()

    assert opened.value.inner_text("h1") == "Settings"
    assert preview.evaluate("window.theirs.closed") is True
    assert opened.value.evaluate("window.opener") is None


def test_a_stream_of_the_platform_stays_closed_to_the_preview(preview: Page, site) -> None:
    outcome = preview.evaluate(
        """url => new Promise(done => {
            const events = new EventSource(url, {withCredentials: true});
            events.onopen = () => done('open'); events.onerror = () => done('refused'); })""",
        f"{site.url}/api/v1/turns/x/events",
    )

    assert outcome == "refused"


def test_a_cookie_of_the_preview_is_never_taken_for_the_platforms(
    preview: Page, signed_in: BrowserContext, site
) -> None:
    page = signed_in.new_page()
    for prefix, name in product(
        ("", "=", "\u2000", "\u00a0", "\t"),
        (SESSION_COOKIE, "__Host-vibe_csrf", "__host-vibe_session"),
    ):
        preview.evaluate(
            """name => { for (const more of ['', '; Secure'])
                for (const path of ['/', '/settings', '/settings/']) document.cookie =
                    `${name}=tossed; domain=vibe.localhost; path=${path}${more}` }""",
            prefix + name,
        )

        page.goto(f"{site.url}/settings/")

        assert (prefix, name, page.inner_text("h1")) == (prefix, name, "Settings")
        signed_in.clear_cookies(domain=".vibe.localhost")  # not those of the platform itself


def test_the_bare_name_of_a_cookie_counts_for_nothing_where_the_strong_one_can_be_had(
    browser, preview: Page, site
) -> None:
    names = ["vibe_session", "vibe_csrf", "sessionid"]
    stranger = browser.new_context()
    page = stranger.new_page()
    page.goto(preview.url)
    page.evaluate(
        """([names, value]) => { for (const name of names)
            document.cookie = `${name}=${value}; domain=vibe.localhost; path=/` }""",
        [names, site.session],
    )

    with page.expect_request(f"{site.url}/settings/") as request:
        page.goto(f"{site.url}/settings/")

    arrived = request.value.all_headers()["cookie"]
    assert all(f"{name}={site.session}" in arrived for name in names)
    assert page.inner_text("h1") == "Sign in"
    stranger.close()


def test_cookies_of_the_preview_do_not_keep_the_person_out(
    preview: Page, signed_in: BrowserContext, site
) -> None:
    preview.evaluate(
        """() => { for (let i = 0; i < 14; i++) document.cookie =
            `bomb${i}=${'x'.repeat(3900)}; domain=vibe.localhost; path=/` }"""
    )

    assert is_signed_in(signed_in, site)


def test_more_cookies_than_can_be_read_are_removed_with_a_word(
    preview: Page, signed_in: BrowserContext, site
) -> None:
    preview.evaluate(
        """() => { for (let i = 0; i < 100; i++) document.cookie =
            `bomb${i}=${'x'.repeat(3900)}; domain=vibe.localhost; path=/` }"""
    )
    page = signed_in.new_page()
    answer = page.goto(f"{site.url}/settings/")
    assert answer is not None and answer.status == 431
    assert "They have just been removed" in page.inner_text("body")

    page.reload()

    page.wait_for_selector("h1:text('Sign in')")


def test_the_preview_cannot_loosen_its_origin_to_the_site(
    preview: Page, signed_in: BrowserContext, site
) -> None:
    try_it = """() => { try { document.domain = 'vibe.localhost' } catch (e) { return e.name }
        return document.domain }"""

    assert preview.evaluate(try_it) != "vibe.localhost"
    assert settings_page(signed_in, site).evaluate("window.originAgentCluster") is True


def test_what_the_preview_broadcasts_and_stores_stays_with_it(
    preview: Page, signed_in: BrowserContext, site, web, other: Sandbox
) -> None:
    neighbour = signed_in.new_page()
    neighbour.goto(f"http://{web.host(other)}/page")
    pages = [settings_page(signed_in, site), neighbour]
    for page in pages:
        page.evaluate(
            "() => { window.heard = 0; new BroadcastChannel('x').onmessage = () => window.heard++ }"
        )
    same = signed_in.new_page()
    same.goto(preview.url)
    same.evaluate(
        "() => { window.got = new Promise(d => new BroadcastChannel('x').onmessage = d) }"
    )

    preview.evaluate("""() => { new BroadcastChannel('x').postMessage(1);
        localStorage.setItem('mine', 1);
        return new Promise(done => indexedDB.open('mine').onsuccess = done) }""")

    same.evaluate("() => window.got.then(() => 0)")
    for page in pages:
        assert page.evaluate("[window.heard, localStorage.getItem('mine')]") == [0, None]
        assert "mine" not in page.evaluate(
            "() => indexedDB.databases().then(all => all.map(one => one.name))"
        )


def test_a_service_worker_of_one_preview_takes_over_no_other_origin(
    preview: Page, signed_in: BrowserContext, site, web, sandbox: Sandbox
) -> None:
    preview.evaluate(
        """() => navigator.serviceWorker.register("/worker.js")
            .then(() => navigator.serviceWorker.ready)"""
    )
    preview.goto(f"http://{web.host(sandbox)}/page")
    assert preview.inner_text("body") == "taken over"

    assert is_signed_in(signed_in, site)
    other = signed_in.new_page()
    answer = other.goto(f"http://{web.host(sandbox, 4567)}/page")
    assert answer is not None and not answer.from_service_worker
    assert other.inner_text("body") != "taken over"


def test_a_service_worker_cannot_be_one_of_the_platforms(preview: Page, site) -> None:
    outcome = preview.evaluate(
        "url => navigator.serviceWorker.register(url).then(() => 'taken', e => e.name)",
        f"{site.url}/static/js/preview.js",
    )

    assert outcome in ("SecurityError", "TypeError")


def test_another_port_is_another_origin(preview: Page, web, sandbox: Sandbox) -> None:
    outcome = preview.evaluate(FETCH.replace("MODE", "cors"), f"http://{web.host(sandbox, 4567)}/")

    assert outcome == "TypeError"


# The form last: it leaves the page.
ASK = {
    "fetch": FETCH.replace("MODE", "no-cors"),
    "img": LOADED.replace("TAG", "img"),
    "script": LOADED.replace("TAG", "script"),
    "frame": FRAME,
    "form": POST,
}


def is_led(answer: Response) -> bool:
    return "location" in answer.headers


def test_what_the_preview_asks_of_another_private_sandbox_never_arrives(
    preview: Page, signed_in: BrowserContext, web, other: Sandbox
) -> None:
    signed_in.new_page().goto(f"http://{web.host(other)}/page")
    for how, script in ASK.items():
        name = secrets.token_hex(6)
        address = f"http://{web.host(other)}/note?name={name}"
        if how in ("img", "script"):  # the browser keeps such an answer from the page altogether
            refused = preview.evaluate(script, address)
            assert (how, refused, noted(web, other, name)) == (how, "refused", None)
            continue
        with preview.expect_response(
            lambda answer, name=name: name in answer.url and not is_led(answer)
        ) as it:
            preview.evaluate(script, address)

        # A frame is led through the platform, which knows by Referer that no page of ours has it.
        assert (how, it.value.status) == (how, 403 if how == "frame" else 401)
        assert noted(web, other, name) is None


def test_what_the_preview_asks_of_another_open_sandbox_arrives_without_its_cookies(
    preview: Page, signed_in: BrowserContext, web, row_of, served
) -> None:
    other = row_of(served, access="link")
    theirs = signed_in.new_page()
    theirs.goto(f"http://{web.host(other)}/page")
    theirs.click("text=Continue to the app")
    theirs.evaluate("document.cookie = 'login=theirs; SameSite=Lax'")
    for how, script in ASK.items():
        name = secrets.token_hex(6)

        with preview.expect_response(re.compile(rf"/note\?name={name}")):
            preview.evaluate(script, f"http://{web.host(other)}/note?name={name}")

        arrived = noted(web, other, name)
        assert arrived is not None, how
        assert "cookie" not in arrived, how


@pytest.mark.parametrize(
    ("port", "named", "arrives"), [(4567, "", True), (4567, "other", False), (0, "null", False)]
)
def test_cookies_go_from_port_to_port_within_one_sandbox(
    web, sandbox: Sandbox, other: Sandbox, port: int, named: str, arrives: bool
) -> None:
    by = other if named == "other" else sandbox
    origin = "null" if named == "null" else f"http://{web.host(by, port)}"
    headers = {"Cookie": "a=1", "Origin": origin, "Sec-Fetch-Site": "same-site"}

    told = dict(web.said(web.host(sandbox), "/x", method="POST", headers=headers)["headers"])

    assert ("cookie" in told) is arrives
