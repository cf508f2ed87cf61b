"""How much a browser asks for until the workbench is there."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.fixtures.asked import ASKED

pytestmark = pytest.mark.browser


def test_the_workbench_is_few_requests_and_few_bytes(platform, page: Page):
    page.goto(f"{platform.site}/new/", wait_until="networkidle")
    count, size = page.evaluate(ASKED)
    assert count < 15
    assert size < 150_000
