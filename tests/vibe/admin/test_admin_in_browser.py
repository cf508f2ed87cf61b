"""No page of the admin, its dashboard or the API's documentation breaks the content policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import django_rq
import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandlerMixin
from django.test import Client
from playwright.sync_api import Page, sync_playwright

from tests.fixtures.rows import add_output, make_command, make_conversation, make_sandbox, make_turn
from vibe.accounts.models import User
from vibe.web import kept_files

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def addresses(alice: User) -> list[str]:
    command = add_output(make_command(make_sandbox(alice)), (1, b"hello\n"))
    conversation = make_conversation(alice)
    make_turn(conversation)
    django_rq.get_queue("chat").enqueue("chat.jobs.run_turn", "turn_x", job_id="turn_x")
    queues = "/admin/django_rq/dashboard/"
    return [
        "/admin/",
        "/admin/sandboxes/sandbox/",
        f"/admin/sandboxes/sandbox/{command.sandbox_id}/change/",
        "/admin/sandboxes/command/",
        f"/admin/sandboxes/command/{command.pk}/change/",
        f"/admin/chat/conversation/{conversation.pk}/change/",
        "/admin/chat/turn/",
        "/admin/accounts/user/",
        queues,
        f"{queues}queues/0/",
        f"{queues}queues/0/failed/",
        f"{queues}queues/0/empty/",
        f"{queues}workers/0/",
        "/api/docs",
    ]


@pytest.fixture
def session(db: None) -> str:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    (cookie,) = (morsel for name, morsel in client.cookies.items() if "session" in name)
    return f"{cookie.key}={cookie.value}"


@pytest.fixture(autouse=True)
def files_by_the_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the platform makes of static files itself, the server of the tests does not know."""
    by_django = StaticFilesHandlerMixin._should_handle
    monkeypatch.setattr(
        StaticFilesHandlerMixin,
        "_should_handle",
        lambda self, path: not path.startswith(kept_files.PREFIX) and by_django(self, path),
    )


@pytest.fixture
def page(
    addresses: list[str], session: str, live_server: Any, chromium_path: str
) -> Iterator[Page]:
    """A signed-in browser. It starts after the rows were made: it runs a loop of its own."""
    name, _, value = session.partition("=")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        context = browser.new_context(base_url=live_server.url)
        context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
        context.set_default_timeout(15_000)
        yield context.new_page()
        browser.close()


def test_no_page_is_refused_anything_by_the_policy(page: Page, addresses: list[str]) -> None:
    complaints: list[str] = []
    page.on(
        "console",
        lambda message: message.type == "error" and complaints.append(f"{page.url} {message.text}"),
    )
    page.on("pageerror", lambda error: complaints.append(f"{page.url} {error}"))
    for address in addresses:
        response = page.goto(address, wait_until="networkidle")
        assert response is not None and response.status == 200, address
        assert "script-src" in response.headers["content-security-policy"], address
    assert complaints == []


def test_the_documentation_lists_the_endpoints(page: Page) -> None:
    page.goto("/api/docs")
    block = page.locator(".opblock-summary-path", has_text="/api/v1/sandboxes").first
    block.wait_for()
    assert page.locator(".opblock").count() >= 30


def test_the_head_of_a_queue_selects_all_its_jobs(page: Page) -> None:
    page.goto("/admin/django_rq/dashboard/")
    page.get_by_role("link", name="chat", exact=True).click()
    page.goto(page.url.replace("/details/", "/"))
    page.locator("#action-toggle").check()
    assert page.locator("input.action-select").count() == 1
    assert page.locator("input.action-select:checked").count() == 1


def test_the_admin_bears_the_colours_of_the_platform(page: Page) -> None:
    page.goto("/admin/")
    assert page.evaluate("getComputedStyle(document.querySelector('th a')).color").startswith(
        "oklch("
    )
    logo = "getComputedStyle(document.querySelector('#header')).backgroundColor"
    light = page.evaluate(logo)
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(logo) != light
