"""axe finds nothing serious on any page, light and dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.fixtures import packages
from tests.fixtures.platform import Platform

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AXE = "4.14.1"
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
# What a previewed program shows is its own; what is moderate is not refused; of the hundred rows
# of the documentation that are alike, the first three below each head will do.
FIND = """async () => {
  const fading = document.getAnimations().filter((motion) => motion instanceof CSSTransition);
  await Promise.allSettled(fading.map(({ finished }) => finished));
  const alike = ".operation-tag-content > span:nth-of-type(n+4)";
  const where = { include: [document], exclude: [alike] };
  const { violations } = await axe.run(where, { iframes: false, resultTypes: ["violations"] });
  const grave = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
  return grave.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html)}`);
}"""


@dataclass(frozen=True)
class Done:
    """A conversation whose turn finished, its sandbox and its command."""

    conversation: str
    sandbox: str
    command: str


@pytest.fixture(scope="module")
def axe() -> str:
    """The source text of axe."""
    directory = packages.from_npm(f"axe-{AXE}", f"axe-core@{AXE}")
    return (directory / "node_modules" / "axe-core" / "axe.min.js").read_text()


@pytest.fixture(scope="module")
def context(signed_in: BrowserContext, axe: str) -> BrowserContext:
    signed_in.add_init_script(axe)  # not by the page, whose policy would refuse it
    return signed_in


@pytest.fixture(scope="module")
def done(context: BrowserContext, platform: Platform) -> Done:
    page = context.new_page()
    page.goto(f"{platform.site}/new/")
    page.locator("#message").fill("Build a to-do app in Python")
    page.locator("#message").press("Enter")
    page.wait_for_url(re.compile("/c/"))
    expect(page.frame_locator("#stage iframe").first.get_by_role("heading")).to_be_visible()
    expect(page.locator("#composer-action[data-busy]")).to_have_count(0)
    sandbox = page.locator("#sandbox-status").get_attribute("data-sandbox")
    command = page.locator("[data-command]").first.get_attribute("data-command")
    path = page.url.removeprefix(platform.site).partition("?")[0]
    found = Done(path, str(sandbox), str(command))
    page.close()
    return found


def check(page: Page, address: str, shown: str, *clicks: str, size: Any = WIDE) -> None:
    """Look, light and dark, at the page at `address`: once `shown` is there, after `clicks`."""
    found: dict[str, Any] = {}
    page.set_viewport_size(size)
    page.goto(address)
    if clicks:  # the preview comes forward by itself; a click before that would be undone
        expect(page.locator("#preview-port option[value='3000']")).to_be_attached()
    for click in clicks:
        page.locator(click).first.click()
    for scheme in ("light", "dark"):  # the page follows at once
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        expect(page.locator(shown).first).to_be_visible()
        if grave := page.evaluate(FIND):
            found[scheme] = grave
    assert found == {}


PAGES: dict[str, tuple[str, ...]] = {
    "an empty start page": ("/new/", "#starters"),
    "a conversation with its preview": ("{conversation}", "#stage iframe"),
    "a file": ("{conversation}", "#file .cm-content", "#tab-code", "#tree >> text=app.py"),
    "what a version changed": ("{conversation}", ".changed-file", "#tab-changes"),
    "versions on a page of their own": ("{conversation}changes/", ".changed-file"),
    "the question before a restore": ("{conversation}", "dialog form", "#thread a[data-restore]"),
    "the palette": (
        "{conversation}",
        ".palette [role=option]",
        "[aria-label$='your menu']",
        "[data-palette]",
    ),
    "all conversations": ("/conversations/", ".list-row"),
    "what a search finds": ("/conversations/?q=python", "mark"),
    "the archive": ("/archive/", "h1"),
    "what one can do with a conversation": ("{conversation}options/", ".options-page"),
    "the page that takes a file": ("/conversations/import/", "input[type=file]"),
    "a terminal": ("{conversation}", "#terminal-panel .xterm", "#tab-terminal"),
    "a command's log": ("/commands/{command}/", "log-view"),
    "a sandbox": ("/sandboxes/{sandbox}/", "h1"),
    "the sandboxes": ("/sandboxes/", "table"),
    "the settings": ("/settings/", "h1"),
    "the API's documentation": ("/api/docs", ".opblock"),
    "a list of the admin": ("/admin/sandboxes/sandbox/", "#result_list"),
    "a page that is not there": ("/nowhere/", "h1"),
}


@pytest.mark.parametrize("what", PAGES)
def test_everyone_can_use(platform: Platform, done: Done, page: Page, what: str) -> None:
    address, shown, *clicks = PAGES[what]
    check(page, platform.site + address.format(**vars(done)), shown, *clicks)


def test_everyone_can_use_a_conversation_on_a_phone(
    platform: Platform, done: Done, page: Page
) -> None:
    chat = ".phone-tabs >> text=Chat"
    check(page, platform.site + done.conversation, "#composer", chat, size=PHONE)


@pytest.fixture
def stranger(browser: Browser, axe: str) -> Iterator[Page]:
    context = browser.new_context()
    context.add_init_script(axe)
    yield context.new_page()
    context.close()


def test_everyone_can_sign_in(platform: Platform, stranger: Page) -> None:
    check(stranger, f"{platform.site}/sign-in/", "form")
