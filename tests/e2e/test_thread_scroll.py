"""The thread follows what is written, unless somebody reads further up."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.chatting import send

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BOX = "document.getElementById('thread-scroll')"
BELOW = f"{BOX}.scrollHeight - {BOX}.scrollTop - {BOX}.clientHeight"

# What grows, and the frames in which the page follows it.
MORE = """
  async () => {
    const parts = document.querySelector("#thread .message:last-child .parts");
    parts.insertAdjacentHTML("beforeend", "<p>more</p>".repeat(20));
    for (const _ of [1, 2, 3]) await new Promise(requestAnimationFrame);
  }
"""


@pytest.fixture(scope="module")
def address(platform, signed_in: BrowserContext) -> str:
    """Of a conversation that is longer than the window."""
    page = signed_in.new_page()
    page.goto(f"{platform.site}/new/")
    for _ in range(2):
        send(page, "what can you do?")
    found = page.url
    page.close()
    return found


@pytest.fixture
def thread(address: str, page: Page) -> Page:
    page.set_viewport_size({"width": 1100, "height": 420})
    page.goto(address)
    return page


def test_who_scrolls_up_is_left_there_and_a_button_leads_back(thread: Page) -> None:
    latest = thread.get_by_role("button", name="Latest")
    thread.wait_for_function(f"{BELOW} < 40")
    expect(latest).to_be_hidden()

    thread.locator("#thread-scroll").hover()
    thread.mouse.wheel(0, -5_000)
    expect(latest).to_be_visible()
    thread.wait_for_function(f"{BOX}.scrollTop === 0")
    thread.evaluate(MORE)
    assert thread.evaluate(f"{BOX}.scrollTop") == 0

    latest.click()
    expect(latest).to_be_hidden()
    thread.wait_for_function(f"{BELOW} < 40")


def test_who_is_at_the_end_stays_there(thread: Page) -> None:
    thread.wait_for_function(f"{BELOW} < 40")

    thread.evaluate(MORE)

    assert thread.evaluate(BELOW) < 40
