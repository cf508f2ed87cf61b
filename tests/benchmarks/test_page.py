"""What a person waits for in the browser."""

from __future__ import annotations

import re
import statistics
import time

import pytest
from playwright.sync_api import expect

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
BOX = "document.querySelector('#stage .log-scroll')"
SCROLL = f"({FRAMES})((part) => {{ {BOX}.scrollTop = {BOX}.scrollHeight * part; }})"
EMPTY = f"({FRAMES})(() => {{}})"


def test_first_paint_of_the_workbench(platform, page, table):
    page.goto(f"{platform.url}/new/")
    times, plain = [], []
    for _ in range(15):
        start = time.perf_counter()
        answer = page.request.get(f"{platform.url}/new/")
        times.append(time.perf_counter() - start)
        assert answer.ok
        start = time.perf_counter()
        page.request.get(f"{platform.url}/healthz")
        plain.append(time.perf_counter() - start)
    table.times("workbench page, server time", "< 100 ms", times, "/healthz", plain)


def test_a_page_with_a_100_000_line_log(platform, page, table):
    page.goto(f"{platform.url}/new/")
    page.locator("#message").fill("Run `seq 1 100000`")
    page.locator("#message").press("Enter")
    expect(page.locator("#composer-action[data-busy]")).to_have_count(0, timeout=30_000)
    address = page.url
    assert re.search("/c/conv_", address)
    times = []
    for _ in range(5):
        page.goto("about:blank")
        start = time.perf_counter()
        page.goto(address)
        expect(page.locator("#stage log-view")).to_contain_text("100000", timeout=30_000)
        times.append(time.perf_counter() - start)
    frames = page.evaluate(SCROLL)
    slow = statistics.quantiles(frames, n=20)[-1]
    rows = page.locator("#stage log-view .log-window > *").count()
    heap = page.evaluate("performance.memory.usedJSHeapSize") / 1e6
    table.add(
        "page with a 100,000-line log, its last line shown",
        f"{statistics.median(times) * 1000:.0f} ms, {rows} rows in the DOM, heap {heap:.0f} MB",
        "≤ 1 s, ≤ 150 MB",
    )
    table.add(
        "scrolling through 100,000 lines, a frame",
        f"median {statistics.median(frames):.0f} ms, p95 {slow:.0f} ms",
        "no jank (≤ 33 ms)",
        f"an empty frame of this browser {statistics.median(page.evaluate(EMPTY)):.0f} ms",
    )
