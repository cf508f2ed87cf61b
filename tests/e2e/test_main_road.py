"""The road that every newcomer takes, in a real browser, with the demo model."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.chatting import send

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def last_cards(page: Page):
    return page.locator("article.message[data-role=assistant]").last.locator(".part.tool")


def test_four_requests_lead_to_a_running_app_in_the_preview(platform, page: Page):
    page.goto(f"{platform.site}/new/")

    send(page, "Create a new sandbox")
    expect(last_cards(page)).to_have_attribute("data-state", "done")
    expect(page.locator("#sandbox-status")).to_contain_text("running")

    send(page, "Create a simple Node.js hello world app")
    expect(last_cards(page).first).to_have_attribute("data-state", "done")
    expect(last_cards(page).first).to_contain_text("index.js")

    page.reload()  # in the middle: everything is found again
    expect(page.locator("article.message")).to_have_count(4)

    send(page, "Run the app with node index.js")
    expect(last_cards(page).first).to_have_attribute("data-state", "background")
    logs = page.locator("#logs log-view")
    expect(logs).to_contain_text("3000")

    send(page, "What's the URL for port 3000?")
    expect(last_cards(page).first).to_have_attribute("data-state", "done")
    frame = page.frame_locator("#preview-frame iframe")
    expect(frame.get_by_role("heading", name=re.compile("hello", re.IGNORECASE))).to_be_visible()
    # A line that the server prints per request arrives while it runs.
    expect(logs).to_contain_text("GET /")

    page.get_by_role("tab", name="Code").click()
    page.locator("[data-path='index.js']").first.click()
    expect(page.locator("#file .cm-content")).to_contain_text("node:http")

    page.reload()
    expect(page.locator("article.message")).to_have_count(8)
    expect(page.locator("#stage")).to_contain_text("node index.js")
    page.get_by_role("tab", name="Preview").click()
    expect(frame.get_by_role("heading", name=re.compile("hello", re.IGNORECASE))).to_be_visible()


def test_a_reload_during_a_command_shows_every_line_once(platform, page: Page):
    page.goto(f"{platform.site}/new/")
    page.locator("#message").fill("Run `for i in $(seq 1 40); do echo number $i; sleep 0.1; done`")
    page.locator("#message").press("Enter")
    logs = page.locator("#logs log-view")
    expect(logs).to_contain_text("number 5")
    page.reload()
    expect(logs).to_contain_text("number 40")
    lines = re.findall(r"number (\d+)", logs.locator(".log-window").inner_text())
    shown = [int(number) for number in lines]
    assert shown == sorted(set(shown))
    assert shown[-1] == 40


def test_a_second_tab_follows_the_same_turn(platform, signed_in, page: Page):
    page.goto(f"{platform.site}/new/")
    page.locator("#message").fill("Create a new sandbox")
    page.locator("#message").press("Enter")
    page.wait_for_url(re.compile("/c/conv_"))
    other = signed_in.new_page()
    other.goto(page.url)
    for tab in (page, other):
        expect(tab.locator(".part.tool[data-state=done]")).to_have_count(1)
        expect(tab.locator("#composer-action[data-busy]")).to_have_count(0)
        expect(tab.locator("#thread")).to_contain_text("Version 1")
    texts = [tab.locator("#thread").inner_text() for tab in (page, other)]
    other.close()
    assert texts[0] == texts[1]


def test_stop_ends_a_turn_and_its_command(platform, page: Page):
    page.goto(f"{platform.site}/new/")
    page.locator("#message").fill("Run `sleep 60`")
    page.locator("#message").press("Enter")
    expect(page.locator(".part.tool[data-command][data-state=running]")).to_have_count(1)
    page.locator("#composer-action").get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator("#turn-state")).to_contain_text("Stopping after this step")
    page.locator("#composer-action").get_by_role("button", name="Stop now").click()
    expect(page.locator("#composer-action[data-busy]")).to_have_count(0)
    expect(page.locator(".part.tool[data-command]")).to_have_attribute("data-state", "stopped")
    expect(page.locator("#stage [data-status=finished]")).to_have_count(1)


def test_a_suggestion_is_sent_by_a_click_and_leaves_what_was_typed(platform, page: Page):
    page.goto(f"{platform.site}/new/")
    send(page, "landing page for a coffee shop")
    frame = page.frame_locator("#preview-frame iframe")
    expect(frame.get_by_role("heading", name="Morning Cup")).to_be_visible()
    page.locator("#message").fill("a thought that is not finished")

    page.get_by_role("button", name="Change the colour to purple").click()

    expect(page.locator("article.message")).to_have_count(4)
    expect(last_cards(page).nth(1)).to_have_attribute("data-state", "done")
    expect(page.locator("article.message").last).to_contain_text("#9333ea")
    expect(page.locator("#message")).to_have_value("a thought that is not finished")
