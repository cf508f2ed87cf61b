"""The preview of a stopped sandbox in a tab of its own, in a browser that runs no scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.framed import sign_in_link
from tests.fixtures.platform import Client, Platform
from tests.fixtures.waiting import PATIENCE, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# Says what it does, and listens when the file is there.
SLOW = """echo compiling the page; until [ -e ready ]; do sleep 0.2; done
exec python3 -m http.server 3000"""


@pytest.fixture
def tab(browser: Browser, platform: Platform) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False)
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.goto(sign_in_link(platform, platform.site))
    page.get_by_role("button", name=re.compile("sign in", re.IGNORECASE)).click()
    yield page
    context.close()


def test_the_owner_opens_it_and_ends_at_the_app(
    platform: Platform, program: Client, tab: Page
) -> None:
    sandbox = program("POST", "sandboxes", {"wait": PATIENCE})["id"]
    body = {"command": "sh", "args": ["-c", SLOW], "background": True}
    program("POST", f"sandboxes/{sandbox}/commands", body)
    address = f"http://{platform.preview(sandbox)}/"
    tab.goto(address)
    expect(tab.locator("h1")).to_have_text("Nothing is listening on port 3000 yet")
    expect(tab.locator("pre")).to_contain_text("compiling the page")

    # A tab that is left open asks again by itself, and lets the sandbox rest.
    program("POST", f"sandboxes/{sandbox}/stop", {})
    until(lambda: program("GET", f"sandboxes/{sandbox}")["status"] == "stopped")
    expect(tab.get_by_role("button", name="Start it")).to_be_visible()
    tab.get_by_role("button", name="Start it").click()
    expect(tab.locator("pre")).to_contain_text("compiling the page")

    # Opened anew it starts without a button, and then shows the app.
    program("POST", f"sandboxes/{sandbox}/stop", {})
    until(lambda: program("GET", f"sandboxes/{sandbox}")["status"] == "stopped")
    tab.goto(address)
    expect(tab.locator("h1")).to_contain_text(re.compile("is starting|Nothing is listening"))
    until(lambda: program("GET", f"sandboxes/{sandbox}")["status"] == "running")
    program("PUT", f"sandboxes/{sandbox}/files", [{"path": "ready", "content": ""}])
    expect(tab.locator("h1")).to_contain_text("Directory listing")
    assert tab.url == address
