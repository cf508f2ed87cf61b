"""The panel tells what goes wrong in the page that it shows, and believes none of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.framed import conversation
from tests.fixtures.platform import LOCAL_HOST, SESSION_COOKIE, Client, Platform

pytestmark = [pytest.mark.browser, pytest.mark.slow]

APP = Path(__file__).with_name("console_app.py").read_text()


@pytest.fixture
def shown(platform: Platform, program: Client, cookie: str, browser: Browser) -> Iterator[Page]:
    """A conversation with the app in its preview and the console open, as its owner sees it. Not of
    the fixture whose pages may have no errors: these have them on purpose."""
    path = conversation(platform, program, "python3", "-c", APP, "3000")
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(20_000)
    own = {"name": SESSION_COOKIE, "value": cookie, "url": f"https://{LOCAL_HOST}"}
    context.add_cookies([cast(Any, {**own, "httpOnly": True, "secure": True, "sameSite": "Lax"})])
    page = context.new_page()
    page.add_init_script(
        "window.reports = [];"
        "document.addEventListener('preview:report', ({detail}) => reports.push(detail))"
    )
    page.goto(platform.site + path, wait_until="commit")
    expect(page.frame_locator("#preview-frame iframe").locator("h1")).to_have_text("Home")
    page.get_by_role("tab", name="Console").click()
    yield page
    context.close()


def go(page: Page, path: str) -> None:
    page.locator("#preview-path").fill(path)
    page.locator("#preview-path").press("Enter")


def test_what_goes_wrong_in_the_page_is_told_and_leads_to_its_place(shown: Page, program):
    sandbox = shown.locator("#sandbox-status").get_attribute("data-sandbox")
    program(
        "PUT", f"sandboxes/{sandbox}/files", [{"path": "public/app.js", "content": "one\n" * 9}]
    )
    rows = shown.locator("#console-list > li")
    for said in (
        "hello there",
        "careful",
        "it broke",
        "nowhere is not defined",
        "Error: turned down",
        "GET /missing answered 404",
    ):
        expect(rows.filter(has_text=said)).to_have_count(1)
    expect(shown.locator("#console-count")).to_have_text("4")
    kinds = {report["kind"] for report in shown.evaluate("reports")}
    assert kinds == {"warning", "error", "exception", "rejection", "request"}
    assert shown.evaluate("reports[0].port") == 3000

    shown.locator("#console-kind").select_option("warning")
    expect(rows.filter(visible=True)).to_have_count(1)
    shown.locator("#console-kind").select_option("")
    broken = rows.filter(has_text="it broke")
    broken.get_by_role("button", name="Fix").click()
    expect(shown.locator("#message")).to_have_value(re.compile("it broke\n.*/app.js:3"))
    broken.get_by_role("button", name="app.js:3").click()
    expect(shown.locator("#file .file-head")).to_have_attribute("data-path", "public/app.js")


def test_a_page_that_shows_nothing_says_why_and_one_that_does_not_come_what_is_waited_for(
    shown: Page,
):
    words = shown.locator("#preview-state")
    go(shown, "/blank")
    expect(words).to_contain_text("The page is blank")
    expect(words.locator("pre")).to_have_text("Uncaught Error: cannot start")
    go(shown, "/slow")
    expect(words).to_contain_text("Waiting for port 3000")
    expect(words.locator("log-view")).to_have_attribute("data-command", re.compile("."))
    go(shown, "/quiet")
    expect(words).to_be_hidden()


def test_a_page_finds_itself_as_it_was_sent_and_its_policy_holds(shown: Page):
    app = shown.frame_locator("#preview-frame iframe")
    go(shown, "/quiet")
    expect(app.locator("h1")).to_have_text("1 <title>Quiet</title>")
    go(shown, "/strict")
    refused = shown.locator("#console-list > li").filter(has_text="policy refuses")
    expect(refused).to_have_count(2)
    assert app.locator("h1").evaluate("() => document.title") == ""


def test_what_a_hostile_page_says_is_bounded_and_only_text(shown: Page):
    rows = shown.locator("#console-list > li")
    go(shown, "/hostile")
    expect(rows.filter(has_text="onerror=parent.stolen")).to_have_count(1)
    expect(shown.locator("#console-count")).to_have_text("99+")
    assert rows.count() <= 500
    assert shown.evaluate("window.stolen") is None
    longest = "Math.max(...reports.map(({message}) => message.length))"
    assert shown.evaluate(longest) == 4000
    assert shown.evaluate("reports.length") <= 310


def test_size_and_what_the_app_may_use_are_kept_and_the_script_can_be_turned_off(shown: Page):
    frame = shown.locator("#preview-frame")
    go(shown, "/camera")
    expect(shown.locator("#preview-ask")).to_contain_text("wants to use the camera")
    shown.locator("#preview-ask").get_by_role("button", name="Allow here").click()
    expect(frame.locator("iframe")).to_have_attribute("allow", re.compile("camera"))
    shown.locator("details:has(#preview-look) > summary").click()
    shown.get_by_label("Phone").check()
    with shown.expect_response(lambda answer: answer.url.endswith("/preview/")):
        shown.get_by_label("Watch the app’s console").uncheck()
    shown.reload()
    expect(frame).to_have_attribute("data-size", "phone")
    expect(frame.locator("iframe")).to_have_attribute("allow", re.compile("camera"))
    go(shown, "/")
    expect(shown.frame_locator("#preview-frame iframe").locator("h1")).to_have_text("Home")
    expect(shown.locator("#preview-path")).to_have_value("/")
    assert shown.locator("#console-list > li").count() == 0


def test_opening_the_preview_wakes_a_stopped_sandbox(shown: Page, program):
    sandbox = shown.locator("#sandbox-status").get_attribute("data-sandbox")
    program("POST", f"sandboxes/{sandbox}/stop", {})
    expect(shown.locator("#sandbox-status")).to_contain_text("stopped")
    shown.get_by_role("tab", name="Preview").click()
    expect(shown.locator("#sandbox-status")).to_contain_text("running")
