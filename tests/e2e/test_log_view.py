"""The log view in a real browser, on a command's page and on the workbench."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.printing import PRINTED, run
from tests.fixtures.platform import Platform

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def command(platform: Platform) -> str:
    return run(platform, PRINTED.format(lines=5000))


@pytest.fixture
def view(platform: Platform, page: Page, command: str):
    page.goto(f"{platform.site}/commands/{command}/")
    log = page.locator("log-view")
    expect(log).to_contain_text("row 5000")
    return log


def top_row(view) -> int:
    return int(view.locator(".log-line").nth(25).get_attribute("data-number"))


def test_a_permalink_leads_to_its_line_also_after_a_reload(platform, page, command):
    page.goto(f"{platform.site}/commands/{command}/#L1234")
    line = page.locator('.log-line[data-number="1234"]')
    expect(line).to_be_in_viewport()
    expect(line).to_contain_text("row 1234 hay")
    expect(line).to_have_attribute("data-selected", "")
    page.reload()
    expect(line).to_be_in_viewport()


def test_a_click_on_a_number_marks_lines_and_puts_them_in_the_address(page, view):
    view.locator('.log-line[data-number="4990"]').click(position={"x": 20, "y": 8})
    expect(page).to_have_url(re.compile("#L4990$"))
    view.locator('.log-line[data-number="4992"]').click(
        position={"x": 20, "y": 8}, modifiers=["Shift"]
    )
    expect(page).to_have_url(re.compile("#L4990-L4992$"))
    expect(view.get_by_role("button", name="Copy 3 lines")).to_be_visible()
    assert page.evaluate("document.querySelector('log-view').text()") == (
        "row 4990 hay\nrow 4991 hay\nrow 4992 hay"
    )


def test_only_a_search_that_is_wrong_looks_wrong(page, view):
    field = view.locator(".log-find")
    field.fill("needle")
    expect(view.locator(".log-count")).to_have_text(re.compile(r"^\d+/20$"))
    fine = field.evaluate("field => getComputedStyle(field).borderTopColor")
    field.fill("/(/")
    expect(field).not_to_have_css("border-top-color", fine)
    field.fill("needle")
    expect(field).to_have_css("border-top-color", fine)


def test_search_counts_and_goes_from_match_to_match(page, view):
    view.locator(".log-find").fill("needle")
    expect(view.locator(".log-count")).to_have_text(re.compile(r"^\d+/20$"))
    view.locator(".log-find").press("Enter")
    expect(view.locator(".log-line[data-current] .log-mark")).to_have_text("needle")
    expect(view.locator(".log-line[data-current]")).to_be_in_viewport()
    view.locator(".log-find").fill("/row 12[0-4]\\d /")
    expect(view.locator(".log-count")).to_have_text(re.compile(r"/50$"))
    view.locator(".log-find").fill("/(/")
    expect(view.locator(".log-count")).to_have_text("not an expression")


def test_one_stream_alone(page, view):
    view.get_by_label("Which output to show").select_option("2")
    expect(view.locator('.log-line[data-stream="2"]').last).to_contain_text("row 5000")
    assert page.evaluate("document.querySelector('log-view').layout.count") == 50
    expect(view.locator('.log-line:not([data-stream="2"])')).to_have_count(0)


def test_scrolling_up_pauses_and_latest_follows_again(page, view):
    view.locator(".log-scroll").hover()
    page.mouse.wheel(0, -3000)
    latest = view.get_by_role("button", name="Latest ↓")
    expect(latest).to_be_visible()
    latest.click()
    expect(latest).to_be_hidden()
    expect(view.locator('.log-line[data-number="5000"]')).to_be_in_viewport()


def test_wrapped_lines_have_their_height_and_are_remembered(platform, page):
    wide = run(platform, "print('short')\nprint('w' * 3000)\nprint('last')")
    page.goto(f"{platform.site}/commands/{wide}/")
    view = page.locator("log-view")
    expect(view.locator(".log-line").nth(2)).to_have_text("last")
    assert view.locator(".log-line").nth(1).bounding_box()["height"] == 18
    view.get_by_role("button", name="Wrap").click()
    long = view.locator(".log-line").nth(1)
    assert long.bounding_box()["height"] > 36
    after = view.locator(".log-line").nth(2).bounding_box()
    assert abs(after["y"] - (long.bounding_box()["y"] + long.bounding_box()["height"])) < 1
    page.reload()
    expect(view.get_by_role("button", name="Wrap")).to_have_attribute("aria-pressed", "true")
    view.get_by_role("button", name="Wrap").click()


def test_the_foot_tells_the_end_and_runs_it_again(platform, page):
    failed = run(platform, "print('oh'); raise SystemExit(3)")
    page.goto(f"{platform.site}/commands/{failed}/")
    view = page.locator("log-view")
    expect(view.locator(".log-word")).to_have_text(re.compile(r"^exit 3 · .*s · 3 B$"))
    view.get_by_role("button", name="Run again").click()
    page.wait_for_url(lambda url: "/commands/cmd_" in url and failed not in url)
    expect(page.locator("log-view .log-word")).to_have_text(re.compile("exit 3"))


def test_a_running_command_is_stopped_from_its_log(platform, page):
    running = run(platform, "print('up', flush=True)\nimport time; time.sleep(600)", wait=False)
    page.goto(f"{platform.site}/commands/{running}/")
    view = page.locator("log-view")
    expect(view).to_contain_text("up")
    view.get_by_role("button", name="Stop command").click()
    expect(view.locator(".log-word")).to_have_text(re.compile("stopped by"), timeout=30_000)


def test_without_scripts_the_last_lines_are_html_in_pages(platform, browser, signed_in, command):
    context = browser.new_context(
        java_script_enabled=False, storage_state=signed_in.storage_state()
    )
    try:
        page = context.new_page()
        page.goto(f"{platform.site}/commands/{command}/")
        expect(page.locator("#L5000")).to_contain_text("row 5000")
        expect(page.locator("#L4000")).to_have_count(0)
        page.get_by_role("link", name="Earlier").click()
        expect(page.locator("#L4000")).to_contain_text("row 4000")
    finally:
        context.close()


def test_100_000_lines_are_scrolled_without_a_long_pause(platform, page):
    """Recorded, with a bar that only a view which builds all its rows would break."""
    many = run(platform, "for i in range(100_000): print(i)")
    page.goto(f"{platform.site}/commands/{many}/")
    view = page.locator("log-view")
    expect(view).to_contain_text("99999")
    frames = page.evaluate(
        """async () => {
            const box = document.querySelector(".log-scroll");
            const gaps = [];
            let before = performance.now();
            for (let n = 0; n < 60; n += 1) {
                box.scrollTop = (box.scrollHeight * n) / 60;
                await new Promise(requestAnimationFrame);
                const now = performance.now();
                gaps.push(now - before);
                before = now;
            }
            return gaps.sort((a, b) => a - b);
        }"""
    )
    rows = view.locator(".log-line").count()
    print(
        json.dumps(
            {"median_ms": round(frames[30], 1), "p95_ms": round(frames[57], 1), "rows": rows}
        )
    )
    assert rows < 200
    assert frames[30] < 1000
