"""A host that the network policy refuses: said beside the command, and allowed by one button."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.chatting import send

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SENTENCE = "The network policy of this sandbox refused code.example; it allows package registries"


@pytest.fixture
def refused(bench: Page) -> Page:
    """A conversation whose sandbox was refused a clone."""
    send(bench, "run `git clone https://code.example/template.git`")
    return bench


def test_the_card_names_host_and_policy_and_the_button_opens_the_host(refused: Page) -> None:
    page = refused
    card = page.locator("details.tool[open]").last
    expect(card).to_contain_text(SENTENCE)
    card.get_by_role("button", name="Allow code.example here").click()
    expect(card).to_contain_text("allows it now")

    log = page.locator("#log-pane .refused-hosts")
    expect(log).to_contain_text("allows it now")
    before = page.locator("#commands > li").count()
    card.get_by_role("button", name="Re-run").click()
    expect(page.locator("#commands > li")).to_have_count(before + 1)
    # The host exists no more than before; it is the policy that has nothing against it.
    expect(log).not_to_contain_text("network policy")


def test_the_log_and_the_commands_own_page_say_it_too(platform, refused: Page) -> None:
    page = refused
    expect(page.locator("#log-pane .refused-hosts")).to_contain_text(SENTENCE)
    address = page.locator("#commands > li a").last.get_attribute("href")
    page.goto(f"{platform.site}{address}")
    expect(page.locator("main .refused-hosts")).to_contain_text(SENTENCE)
    page.get_by_role("button", name="Allow code.example here").click()
    expect(page.locator("main .refused-hosts")).to_contain_text("allows it now")
    page.get_by_role("button", name="Re-run").click()
    expect(page).not_to_have_url(f"{platform.site}{address}")


def test_a_terminal_says_it_above_its_screen(bench: Page) -> None:
    page = bench
    page.get_by_role("tab", name="Terminal").click()
    screen = page.locator(".terminal-screen:visible")
    expect(screen).to_have_attribute("data-live", "")
    screen.locator("textarea").focus()
    page.keyboard.type("curl -sS https://code.example/")
    page.keyboard.press("Enter")
    expect(screen.locator(".refused-hosts")).to_contain_text(SENTENCE)
    screen.get_by_role("button", name="Allow code.example here").click()
    expect(screen.locator(".refused-hosts")).to_contain_text("Run it again")
