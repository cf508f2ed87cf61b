"""The log view without a mouse and without eyes: names, roles, keys, what is read out."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.printing import PRINTED, run

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def command(platform) -> str:
    return run(platform, PRINTED.format(lines=500))


@pytest.fixture
def view(platform, page: Page, command: str):
    page.goto(f"{platform.site}/commands/{command}/")
    log = page.locator("log-view")
    expect(log).to_contain_text("row 500")
    return log


def test_every_control_has_a_name_and_the_output_is_a_log(view):
    expect(view.get_by_role("toolbar", name="Log")).to_be_visible()
    expect(view.get_by_role("log", name="Output")).to_have_attribute("aria-live", "off")
    expect(view.get_by_role("searchbox", name=re.compile("Find in this log"))).to_be_visible()
    expect(view.get_by_role("combobox", name="Which output to show")).to_be_visible()
    expect(view.get_by_role("button", name="Wrap")).to_have_attribute("aria-pressed", "false")
    nameless = view.evaluate(
        """view => [...view.querySelectorAll("button, a, input, select")].filter(one =>
            one.checkVisibility() && !(one.textContent.trim() || one.title || one.ariaLabel))
            .map(one => one.outerHTML)"""
    )
    assert nameless == []


def test_names_stay_on_a_phone_where_the_words_are_hidden(page, view):
    page.set_viewport_size({"width": 390, "height": 800})
    for name in ("Copy", "Send to chat", "Run again"):
        button = view.get_by_role("button", name=name, exact=True)
        if button.count():  # there is no chat on this page
            expect(button).to_be_visible()
    expect(view.get_by_role("link", name="Download all of it as text")).to_be_visible()


def test_a_wrong_expression_is_told_as_wrong(view):
    field = view.get_by_role("searchbox")
    expect(field).not_to_have_attribute("aria-invalid", "true")
    field.fill("/(/")
    expect(field).to_have_attribute("aria-invalid", "true")


def test_lines_are_marked_and_unmarked_by_keys_alone(page, view):
    box = view.get_by_role("log")
    box.focus()
    page.keyboard.press("Home")
    expect(view.locator('.log-line[data-number="1"]')).to_be_in_viewport()
    page.keyboard.press("Shift+ArrowDown")
    expect(view.locator(".log-line[data-selected]")).to_have_count(1)
    first = int(view.locator(".log-line[data-selected]").get_attribute("data-number") or 0)
    for _ in range(3):
        page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowUp")
    expect(page).to_have_url(re.compile(f"#L{first}-L{first + 2}$"))
    expect(view.locator("[aria-live=polite].visually-hidden")).to_have_text(
        f"Lines {first} to {first + 2} are marked"
    )
    expect(view.get_by_role("button", name="Copy 3 lines")).to_be_visible()
    page.keyboard.press("Escape")
    expect(view.locator(".log-line[data-selected]")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("#L"))


def test_a_slash_leads_to_the_search_and_escape_back(page, view):
    view.get_by_role("log").focus()
    page.keyboard.press("/")
    expect(view.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Escape")
    expect(view.get_by_role("log")).to_be_focused()
