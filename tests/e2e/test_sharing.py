"""A conversation is shared, read signed out with and without scripts, remixed, taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.chatting import send
from tests.e2e.holding import PASSWORD
from tests.fixtures.platform import Platform

pytestmark = pytest.mark.browser


def shared(page: Page) -> str:
    """The link that the owner of the open conversation makes on the page."""
    page.get_by_role("link", name="Share by link").click()
    page.get_by_label(re.compile("may remix")).check()
    page.get_by_role("button", name="Make a link").click()
    return page.get_by_label("Address to give to others").input_value()


def test_a_shared_conversation_is_read_remixed_and_taken_back(
    platform: Platform, page: Page, browser: Browser, people: Iterator[tuple[str, str, str]]
) -> None:
    page.goto(f"{platform.site}/new/")
    send(page, "Create a simple Node.js hello world app")
    expect(page.locator(".version-line").first).to_be_visible()
    owners = page.url
    link = shared(page)

    # Signed out, without scripts.
    plain = browser.new_context(java_script_enabled=False)
    reader = plain.new_page()
    reader.goto(link)
    current = reader.locator(".shared-entry[aria-current=step]")
    expect(reader.locator("#shared-side pre").first).to_contain_text("http")
    reader.get_by_role("link", name="First").click()
    expect(current).to_contain_text("Create a simple Node.js hello world app")
    expect(reader.locator(".shared-entry")).to_have_count(1)
    plain.close()

    # Signed out, with scripts: the scrubber leads back in place.
    open_ = browser.new_context()
    reader = open_.new_page()
    faults: list[str] = []
    reader.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    reader.goto(link)
    reader.evaluate("window.stays = true")
    reader.get_by_role("slider", name="Step").press("Home")
    expect(reader.locator(".shared-entry")).to_have_count(1)
    reader.get_by_role("link", name="Last").click()
    expect(reader.locator("#step-words")).to_have_text(re.compile(r"^(\d+) of \1$"))
    assert reader.evaluate("window.stays")
    assert faults == []

    # Somebody else takes the files.
    name, *_ = next(people)
    reader.get_by_role("link", name="Remix").click()
    reader.locator("[name=username]").fill(name)
    reader.locator("[name=password]").fill(PASSWORD)
    reader.get_by_role("button", name="Sign in").click()
    reader.get_by_role("button", name="Make my copy").click()
    expect(reader.locator(".origin")).to_contain_text("which was shared by link")
    expect(reader.locator("#sandbox-status[data-status=running]")).to_be_visible()
    reader.get_by_role("tab", name="Code").click()
    expect(reader.get_by_text("index.js").first).to_be_visible()

    # The owner takes the link back.
    page.goto(owners)
    page.get_by_role("link", name="Share by link").click()
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_role("cell", name="taken back")).to_be_visible()
    gone = reader.goto(link)
    assert gone is not None
    assert gone.status == 404
    expect(reader.get_by_role("heading")).to_have_text("There is nothing to see at this link.")
    open_.close()
