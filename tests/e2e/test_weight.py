"""How much a browser asks for until the workbench is there."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser
ASKED = """() => {
    const all = [...performance.getEntriesByType("navigation"),
        ...performance.getEntriesByType("resource")];
    return [all.length, all.reduce((sum, one) => sum + one.transferSize, 0)];
}"""


def test_the_workbench_is_few_requests_and_few_bytes(platform, page: Page):
    page.goto(f"{platform.site}/new/", wait_until="networkidle")
    count, size = page.evaluate(ASKED)
    assert count < 15
    assert size < 150_000
