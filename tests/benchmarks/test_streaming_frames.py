"""A model that says 100 tokens a second into a conversation of 200 turns and 2,000 parts."""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.benchmarks import numbers
from tests.benchmarks.model_server import ModelServer, model_server
from tests.fixtures.platform import Platform
from tests.fixtures.running import running

pytestmark = [pytest.mark.benchmark, pytest.mark.browser]
A_SECOND = 100
TIMELINE = "disabled-by-default-devtools.timeline"
SECONDS = 10
# As models write: paragraphs, a list, a fence.
WORDS = [
    {0: "\n\n", 20: "\n\n- ", 30: "\n- ", 40: "\n\n```python\n", 60: "\n```\n\n"}.get(n % 80, "")
    + f"word{n} "
    for n in range(A_SECOND * SECONDS)
]
LONG = """
from django.db import transaction
from tests.fixtures.rows import long_conversation
from vibe.accounts.services.sign_in import first_administrator

with transaction.atomic():
    made = long_conversation(first_administrator(), turns=200, parts=10)
    made.model = "custom:mock"
    made.save()
    made.turns.update(history=[])
print("MADE", made.pk)
"""
# Gaps between frames and the browser's own list of long ones, until told to stop.
WATCH = """() => {
    const seen = { gaps: [], long: [], on: true };
    window.seen = seen;
    new PerformanceObserver((list) => {
        for (const one of list.getEntries()) {
            const scripts = one.scripts.map((s) => `${s.invoker} ${Math.round(s.duration)}`);
            const layout = one.startTime + one.duration - one.styleAndLayoutStart;
            seen.long.push([one.duration, layout, scripts.join("; ")]);
        }
    }).observe({ type: "long-animation-frame" });
    let before = performance.now();
    const next = (now) => {
        seen.gaps.push(now - before);
        before = now;
        if (seen.on) requestAnimationFrame(next);
    };
    requestAnimationFrame((now) => { before = now; requestAnimationFrame(next); });
}"""


# Once the last word is there and the turn is over; to ask for it seldom costs the page nothing.
SAID = """(last) => new Promise((done) => {
    const look = () => {
        const rests = document.querySelector("#composer-action:not([data-busy])");
        const thread = document.getElementById("thread");
        if (rests && thread.lastElementChild.textContent.includes(last)) done();
        else setTimeout(look, 200);
    };
    look();
})"""
SCROLL = "(top) => { document.getElementById('thread-scroll').scrollTop = top; }"


@pytest.fixture(scope="module")
def model() -> Iterator[ModelServer]:
    with model_server(WORDS, 1 / A_SECOND) as server:
        yield server


@pytest.fixture(scope="module")
def platform(model: ModelServer) -> Iterator[Platform]:
    with running(
        OPENAI_BASE_URL=model.base_url,
        VIBE_OPENAI_MODELS="mock",
        VIBE_DEFAULT_MODEL="custom:mock",
    ) as started:
        yield started


@pytest.fixture(scope="module")
def long(platform: Platform) -> str:
    made = re.search(r"MADE (\w+)", platform.manage("shell", "-c", LONG))
    assert made
    return made[1]


def watched(page: Page, wait: Any) -> tuple[list[float], list[Any]]:
    """Gaps between the frames while `wait` goes on, and the frames that the browser calls long."""
    page.evaluate(WATCH)
    wait()
    found = page.evaluate("() => { window.seen.on = false; return window.seen; }")
    return found["gaps"], found["long"]


def worked(trace: bytes) -> list[float]:
    """Milliseconds of a processor that each task of the page's own thread took, longest first."""
    events = json.loads(trace)["traceEvents"]
    names = {
        (one["pid"], one["tid"])
        for one in events
        if one["name"] == "thread_name" and one["args"]["name"] == "CrRendererMain"
    }
    took: dict[tuple[int, int], list[float]] = {name: [] for name in names}
    for one in events:
        thread = (one["pid"], one.get("tid"))
        if thread in took and one["name"].endswith("RunTask") and "tdur" in one:
            took[thread].append(one["tdur"] / 1000)
    busiest = max(took.values(), key=sum, default=[])
    return sorted(busiest, reverse=True)


def fill(page: Page) -> None:
    """Scroll up until all of the conversation is in the page, and down again."""
    while page.locator("#earlier").count():
        first = page.locator("#thread > .message").first.get_attribute("id")
        page.evaluate(SCROLL, 0)
        expect(page.locator("#thread > .message").first).not_to_have_id(first or "")
    page.evaluate(SCROLL, 1e9)


@pytest.mark.parametrize("filled", [False, True], ids=["as it opens", "all of it scrolled in"])
def test_streaming_into_a_long_conversation(
    platform: Platform, long: str, page: Page, table: Any, filled: bool
) -> None:
    page.goto(f"{platform.site}/c/{long}/", wait_until="networkidle")
    if filled:
        fill(page)
    still, _ = watched(page, lambda: page.wait_for_timeout(SECONDS * 1000))
    page.locator("#message").fill("Go on")

    def streamed() -> None:
        page.locator("#message").press("Enter")
        page.evaluate(SAID, WORDS[-1].strip())

    assert page.context.browser is not None
    page.context.browser.start_tracing(page=page, categories=["toplevel", TIMELINE])
    gaps, held = watched(page, streamed)
    tasks = worked(page.context.browser.stop_tracing())
    for took, layout, scripts in held:
        print(f"long frame: {took:.0f} ms, layout {layout:.0f} ms, {scripts}")
    path = "… all of it scrolled in" if filled else numbers.LONG_THREAD_FRAMES
    table.compare(
        path, max(gaps), "ms", "the page at rest", max(still),
        note=f"median {statistics.median(gaps):.0f}, {len(held)} long of {len(gaps)}",
    )  # fmt: skip
    # Whatever else the machine does meanwhile: a task that takes less holds up no frame by itself.
    table.add("… processor time of its longest task", f"{tasks[0]:.0f} ms", "≤ 50 ms")
