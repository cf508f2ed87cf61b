"""What a person waits for in the browser."""

from __future__ import annotations

import re
import statistics
import time

import pytest
from playwright.sync_api import expect

from tests.benchmarks import numbers
from tests.benchmarks.memory import private_mb
from tests.fixtures.asked import ASKED

pytestmark = [pytest.mark.benchmark, pytest.mark.browser]
FRAMES = """async (step) => {
    const gaps = [];
    let before = performance.now();
    for (let n = 0; n < 90; n += 1) {
        step(n / 90);
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        gaps.push(now - before);
        before = now;
    }
    return gaps.slice(1);
}"""
# Milliseconds from the request of the page until all of it has come.
ANSWERED = """() => {
    const [way] = performance.getEntriesByType("navigation");
    return way.responseEnd - way.requestStart;
}"""
PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
BOX = "document.querySelector('#stage .log-scroll')"
SCROLL = f"({FRAMES})((part) => {{ {BOX}.scrollTop = {BOX}.scrollHeight * part; }})"
EMPTY = f"({FRAMES})(() => {{}})"


def answered(page, address: str) -> float:
    """Seconds that the server has taken."""
    page.goto(address)
    return page.evaluate(ANSWERED) / 1000


def test_first_paint_of_the_workbench(platform, page, table):
    page.goto(f"{platform.site}/new/")
    times, plain = [], []
    for _ in range(15):
        times.append(answered(page, f"{platform.site}/new/"))
        plain.append(answered(page, f"{platform.site}/healthz"))
    table.times(numbers.FIRST_PAINT, "", times, "/healthz", plain)


def first_content(page, address: str) -> float:
    """Seconds from the call of the address until the browser has drawn something of it."""
    page.goto(address)
    found = page.wait_for_function(PAINTED).json_value()
    return found / 1000


def test_first_contentful_paint_of_the_workbench(platform, page, table):
    page.goto(f"{platform.site}/new/", wait_until="networkidle")  # what is kept is kept
    ours, plain = [], []
    for _ in range(11):
        ours.append(first_content(page, f"{platform.site}/new/"))
        plain.append(first_content(page, f"{platform.site}/risks/"))
    table.times(numbers.FIRST_CONTENT, "", ours, "a page of text", plain)


def test_weight_of_the_workbench(platform, page, table):
    page.goto(f"{platform.site}/new/", wait_until="networkidle")
    count, size = page.evaluate(ASKED)
    table.add(numbers.PAGE_REQUESTS, str(count))
    table.add(numbers.PAGE_BYTES, f"{size / 1000:.0f} kB")


def conversation(platform, page, command: str) -> str:
    """The address of a conversation in which a command has printed something."""
    page.goto(f"{platform.site}/new/")
    page.locator("#message").fill(f"Run `{command}`")
    page.locator("#message").press("Enter")
    expect(page.locator("#composer-action[data-busy]")).to_have_count(0)
    assert re.search("/c/conv_", page.url)
    return page.url


def opened(page, address: str, last_line: str) -> float:
    """Seconds until the log shows its last line, from the call of the address."""
    page.goto("about:blank")
    start = time.perf_counter()
    page.goto(address)
    expect(page.locator("#logs log-view")).to_contain_text(last_line)
    return time.perf_counter() - start


def tab_mb(browser, page, address: str, last_line: str) -> float:
    """Private memory of the process that shows the address, after a collection of garbage."""
    opened(page, address, last_line)
    page.request_gc()
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return max(private_mb(one["id"]) for one in processes if one["type"] == "renderer")


def test_a_page_with_a_100_000_line_log(platform, browser, page, table):
    short = conversation(platform, page, "seq 1 10")
    long = conversation(platform, page, "seq 1 100000")
    ours, bare = [], []
    for _ in range(5):
        bare.append(opened(page, short, "10"))
        ours.append(opened(page, long, "100000"))
    table.times(numbers.LOG_PAGE, "", ours, "a log of 10 lines", bare)
    frames = page.evaluate(SCROLL)
    rows = page.locator("#logs log-view .log-window > *").count()
    empty = page.evaluate(EMPTY)
    table.compare(
        numbers.LOG_FRAMES, p95(frames), "ms", "an empty frame", p95(empty),
        note=f"median {statistics.median(frames):.0f}, {rows} rows",
    )  # fmt: skip
    small = tab_mb(browser, page, short, "10")
    table.compare(
        numbers.LOG_MEMORY, tab_mb(browser, page, long, "100000"), "MB", "a log of 10 lines", small
    )


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]
