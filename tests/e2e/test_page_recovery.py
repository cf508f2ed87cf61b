"""An open page through the death of each process: it recovers by itself, nothing shows twice."""

from __future__ import annotations

import os
import re
import signal

import pytest
from playwright.sync_api import Page, expect

from tests.fixtures.platform import Platform

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("part", ["daphne", "worker sandboxes", "valkey-server"])
def test_an_open_page_shows_every_line_once_after_the_death_of(
    platform: Platform, page: Page, part: str
):
    page.goto(f"{platform.site}/new/")
    page.locator("#message").fill("Run `for i in $(seq 1 40); do echo number $i; sleep 0.1; done`")
    page.locator("#message").press("Enter")
    logs = page.locator("#logs log-view")
    expect(logs).to_contain_text("number 5")
    os.kill(platform.child(part), signal.SIGKILL)
    expect(logs).to_contain_text("number 40", timeout=60_000)
    rows = logs.locator(".log-window").inner_text()
    shown = [int(number) for number in re.findall(r"number (\d+)", rows)]
    assert shown == sorted(set(shown))
    platform.until_ready()
    expect(page.locator("#composer-action[data-busy]")).to_have_count(0, timeout=60_000)
    expect(page.locator(".part.tool[data-command]")).not_to_have_attribute("data-state", "running")
