"""The planted bug: found by triage, repaired by the demo model without a click, resolved."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.chatting import send

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_an_error_of_the_app_is_found_and_repaired_without_a_click(platform, page: Page):
    page.goto(f"{platform.site}/new/")
    send(page, "Build an app with a bug")
    app = page.frame_locator("#preview-frame iframe")

    app.get_by_role("button", name="Split it").click()

    # The log's traceback with the server's answer in one, and what the page says of it.
    expect(page.locator("#problems-count")).to_have_text("2")
    page.locator("#tab-problems").click()
    told = page.locator(".problem", has_text="KeyError: 'persons'")
    problem = told.filter(has=page.locator("summary", has_text="command"))
    problem.locator("summary").click()
    expect(problem.get_by_role("button", name="bill/app.py:20")).to_be_visible()
    monitor = page.locator("article.message[data-by=monitor]")
    expect(monitor.get_by_role("heading", name="Error monitor")).to_be_visible(timeout=30_000)
    expect(page.locator("article.message").last).to_contain_text("Fixed:", timeout=30_000)
    expect(problem.locator(".problem-word")).to_have_text("resolved", timeout=30_000)
    expect(problem.locator("details")).to_have_attribute("open", "")
    expect(page.locator("#problems-count")).to_be_hidden()
    app.get_by_role("button", name="Split it").click()
    expect(app.locator("body")).to_contain_text("in all")

    # What the page in the preview reports becomes text, whatever it is.
    page.evaluate(
        """document.dispatchEvent(new CustomEvent("preview:report", {detail: {
             kind: "error", message: "Error: <b id=planted>boom</b>", line: 3}}))"""
    )
    reported = page.locator(".problem", has_text="<b id=planted>boom</b>")
    reported.get_by_role("button", name="Ignore").click()
    expect(reported.locator(".problem-word")).to_have_text("ignored")
    expect(page.locator("#planted")).to_have_count(0)
    page.get_by_role("link", name="Decisions").click()
    expect(page.locator(".decisions")).to_contain_text("You ignore it.")
    expect(page.locator(".decisions")).to_contain_text("ran again without it")
