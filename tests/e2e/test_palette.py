"""The keyboard: palette, shortcuts, the menu of a row; and who looks elsewhere is told."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.chatting import send

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Somebody who looks elsewhere and has allowed to be told.
ELSEWHERE = """
  document.hasFocus = () => false;
  window.told = [];
  window.Notification = class extends EventTarget {
    static permission = "granted";
    constructor(words) { super(); window.told.push(words); }
  };
"""


def test_the_keyboard_alone_finds_forks_and_puts_away(platform, page: Page):
    page.goto(f"{platform.site}/new/")
    send(page, "Create a new sandbox")
    first = page.url
    field, palette = page.locator("#message"), page.get_by_role("combobox", name="A conversation")

    field.press("n")  # a letter, where one writes
    expect(field).to_have_value("n")
    field.press("Control+k")  # but this opens from everywhere
    expect(palette).to_be_focused()
    page.keyboard.type("fork this")
    options = page.locator(".palette [role=option]")
    expect(options.last).to_contain_text("Search what was said for “fork this”")
    page.keyboard.press("ArrowUp")  # from the first to the last
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_contain_text("Fork this conversation")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != first and "/c/" in url)
    expect(page.locator(".origin")).to_contain_text("Forked from Create a new sandbox")

    field.evaluate("field => field.blur()")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Find anything")
    page.keyboard.press("n")  # nothing happens behind a dialog
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    page.keyboard.press("s")
    page.keyboard.type("new sandbox")
    expect(page.locator("#list mark").first).to_be_visible()
    page.locator(".list-head input[name=q]").fill("")
    row = page.locator("#list .list-row", has=page.locator("[aria-current]"))
    row.locator(".row-menu").focus()
    page.keyboard.press("Enter")
    page.locator("#row-options").get_by_role("button", name="Archive").press("Enter")
    expect(page.locator("#notices")).to_contain_text("is archived")
    page.locator("#notices").get_by_role("button", name="Undo").press("Enter")
    expect(page.locator(".origin")).to_be_visible()

    page.keyboard.press("Control+k")
    expect(palette).to_be_focused()
    page.keyboard.press("Escape")
    expect(palette).to_be_hidden()


def test_who_looks_elsewhere_is_told_that_a_long_answer_is_done(platform, page: Page):
    page.add_init_script(ELSEWHERE)
    page.goto(f"{platform.site}/new/")
    page.clock.set_system_time(datetime.now() + timedelta(seconds=60))  # the answer took a minute
    page.locator("#message").fill("Create a new sandbox")
    page.locator("#message").press("Enter")
    page.wait_for_url(re.compile("/c/"))
    page.clock.set_system_time(datetime.now() + timedelta(seconds=60))
    send(page, "What's the URL for port 3000?")
    expect(page).to_have_title(re.compile("^● "))
    assert page.evaluate("told.at(-1)") == "The answer is done"
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page).to_have_title(re.compile("^[^●]"))
