"""What a hostile page in a preview can do to a person who is signed in: nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import BrowserContext, Page, sync_playwright

from sandboxes.models import Sandbox
from vibe.accounts.models import ApiKey

pytestmark = [pytest.mark.browser, pytest.mark.sandbox]


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Any]:
    # Playwright runs a loop in this thread; rows are still written by this thread alone.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def signed_in(browser: Any, web, sandbox: Sandbox) -> Iterator[BrowserContext]:
    """A browser in which the sandbox's owner is signed in to the platform."""
    owner = sandbox.owner
    session = SessionStore()
    session[SESSION_KEY] = str(owner.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = owner.get_session_auth_hash()
    session.save()
    context = browser.new_context()
    context.set_default_timeout(20_000)
    context.add_cookies(
        [
            {
                "name": settings.SESSION_COOKIE_NAME,
                "value": session.session_key or "",
                "url": platform(web),
                "httpOnly": True,
                "sameSite": "Lax",
            }
        ]
    )
    yield context
    context.close()


def platform(web) -> str:
    return f"http://localhost:{web.port}"


@pytest.fixture
def preview(signed_in: BrowserContext, web, sandbox: Sandbox) -> Page:
    page = signed_in.new_page()
    page.goto(f"http://{web.host(sandbox)}/page")
    assert page.inner_text("h1") == "Previewed"
    return page


def test_the_person_is_signed_in_to_the_platform(signed_in: BrowserContext, web) -> None:
    page = signed_in.new_page()

    page.goto(f"{platform(web)}/settings/")

    assert page.inner_text("h1") == "Settings"


def test_a_script_in_the_preview_cannot_read_the_platform(preview: Page, web) -> None:
    outcome = preview.evaluate(
        """url => fetch(url, {credentials: 'include'}).then(r => r.text(), e => e.name)""",
        f"{platform(web)}/settings/",
    )

    assert outcome == "TypeError"


def test_the_platform_does_not_let_itself_be_framed_by_the_preview(preview: Page, web) -> None:
    preview.evaluate(
        """url => new Promise(done => {
            const frame = document.createElement('iframe');
            frame.onload = done; frame.src = url; document.body.append(frame);
        })""",
        f"{platform(web)}/settings/",
    )

    assert all("API keys" not in frame.content() for frame in preview.frames[1:])


def test_a_cookie_set_in_the_preview_does_not_reach_the_platform(
    preview: Page, signed_in: BrowserContext, web
) -> None:
    preview.evaluate(
        """() => { for (const d of ['localhost', '.localhost'])
            document.cookie = `tossed=1; domain=${d}; path=/`; }"""
    )
    page = signed_in.new_page()
    with page.expect_request(f"{platform(web)}/settings/") as request:
        page.goto(f"{platform(web)}/settings/")

    assert "tossed" not in request.value.all_headers().get("cookie", "")


def test_a_form_of_the_preview_cannot_act_on_the_platform(preview: Page, web) -> None:
    with preview.expect_navigation() as navigation:
        preview.evaluate(
            """url => { const form = document.createElement('form');
                form.method = 'post'; form.action = url;
                document.body.append(form); form.submit(); }""",
            f"{platform(web)}/settings/api-keys/",
        )

    # Lax cookies stay behind, so the platform sees a stranger; CSRF would refuse him anyway.
    assert navigation.value.status == 403
    assert not ApiKey.objects.exists()


def test_a_socket_of_the_preview_cannot_be_opened_to_the_platform(preview: Page, web) -> None:
    outcome = preview.evaluate(
        """url => new Promise(done => { const s = new WebSocket(url);
            s.onopen = () => done('open'); s.onerror = () => done('refused'); })""",
        f"ws://localhost:{web.port}/ws/commands/x/log/",
    )

    assert outcome == "refused"


def test_another_port_is_another_origin(preview: Page, web, sandbox: Sandbox) -> None:
    outcome = preview.evaluate(
        "url => fetch(url).then(r => r.text(), e => e.name)", f"http://{web.host(sandbox, 4567)}/"
    )

    assert outcome == "TypeError"


def test_a_service_worker_of_one_preview_takes_over_no_other_origin(
    preview: Page, signed_in: BrowserContext, web, sandbox: Sandbox
) -> None:
    preview.evaluate(
        """() => navigator.serviceWorker.register("/worker.js")
            .then(() => navigator.serviceWorker.ready)"""
    )
    preview.goto(f"http://{web.host(sandbox)}/page")
    assert preview.inner_text("body") == "taken over"

    page = signed_in.new_page()
    page.goto(f"{platform(web)}/settings/")
    assert page.inner_text("h1") == "Settings"
    other = signed_in.new_page()
    answer = other.goto(f"http://{web.host(sandbox, 4567)}/page")
    assert answer is not None and not answer.from_service_worker
    assert other.inner_text("body") != "taken over"


def test_the_page_of_a_starting_sandbox_becomes_the_app_by_itself(
    signed_in: BrowserContext, web, sandbox: Sandbox
) -> None:
    Sandbox.objects.filter(pk=sandbox.pk).update(status="pending")
    page = signed_in.new_page()
    page.goto(f"http://{web.host(sandbox)}/page")
    assert "is starting" in page.inner_text("h1")

    Sandbox.objects.filter(pk=sandbox.pk).update(status="running")

    page.wait_for_selector("h1:text('Previewed')")
