"""Which of a sandbox's servers the workbench shows by itself."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.chatting import send

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# Hangs up on whoever comes; a web server follows when somebody has come.
RAW = "import socket; s = socket.create_server(('127.0.0.1', 3500))"
SCRIPT = f"""python3 -c "{RAW}
while True: s.accept()[0].close(); open('came', 'w').close()" & """
SCRIPT += "until [ -e came ]; do sleep 0.1; done; python3 -m http.server 3600"


def test_a_port_that_does_not_speak_http_gives_way_to_one_that_does(platform, page: Page):
    page.goto(f"{platform.site}/new/")
    send(page, "Create a new sandbox")
    expect(page.locator("#sandbox-status")).to_contain_text("running")

    page.locator("#message").fill(f"Run `{SCRIPT}`")
    page.locator("#message").press("Enter")

    frame = page.locator("#preview-frame iframe")
    expect(frame).to_have_attribute("src", re.compile("//3600-"))
    expect(page.frame_locator("#preview-frame iframe").locator("h1")).to_contain_text("listing")
    expect(page.locator("#preview-port")).to_have_value("3600")
