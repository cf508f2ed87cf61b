"""What a phone on the same network sees, for which previews have no name."""

from __future__ import annotations

import re
import socket

import pytest
from playwright.sync_api import Playwright, expect

from tests.e2e.framed import conversation, sign_in_link
from tests.fixtures.platform import Client
from tests.fixtures.running import running

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_page_says_why_there_is_no_preview_and_what_would_help(
    playwright: Playwright, chromium_path: str
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://vibe-box:{port}"
    rules = ["--no-sandbox", "--host-resolver-rules=MAP vibe-box 127.0.0.1"]
    with running(port=port, VIBE_URL=address) as platform:
        program = Client(platform, platform.manage("create_api_key", "program", "--create-user"))
        path = conversation(platform, program)
        browser = playwright.chromium.launch(executable_path=chromium_path, args=rules)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(sign_in_link(platform, address))
        page.get_by_role("button", name=re.compile("sign in", re.IGNORECASE)).click()
        page.wait_for_url(re.compile(r"/new/|/c/"))

        page.goto(f"{address}{path}")

        expect(page.locator("#preview-unreachable")).to_contain_text("VIBE_URL")
        expect(page.locator("#preview-frame iframe")).to_have_count(0)
        browser.close()
