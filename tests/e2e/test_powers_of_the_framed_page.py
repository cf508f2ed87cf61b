"""What the page in the workbench's frame can do to what is around it, and what an app needs."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.framed import conversation, sign_in_link
from tests.fixtures.platform import Client, Platform

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# Says with what Referer each page was asked for; `/file` is a download.
APP = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        kind = "application/octet-stream" if self.path == "/file" else "text/html"
        self.send_header("Content-Type", kind)
        self.end_headers()
        said = self.headers.get("Referer", "none")
        self.wfile.write(f"<h1>{self.path}</h1><p id=said>{said}</p><a href=/file>File</a>"
                         "<a href=/popup target=_blank rel=opener>Window</a>".encode())
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
ATTEMPT = "(work) => { try { return String(work()) } catch (error) { return error.name } }"


def test_it_opens_windows_and_downloads_and_reaches_nothing_of_the_workbench(
    browser: Browser, platform: Platform, program: Client
) -> None:
    path = conversation(platform, program, "python3", "-c", APP, "3000")
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.goto(sign_in_link(platform, platform.site))
    page.get_by_role("button", name=re.compile("sign in", re.IGNORECASE)).click()
    page.wait_for_url(re.compile(r"/new/|/c/"))
    page.goto(f"{platform.site}{path}")
    shown = page.frame_locator("#preview-frame iframe")
    expect(shown.locator("h1")).to_have_text("/")
    # Which page of the workbench it is in, nobody tells it.
    assert path not in shown.locator("#said").inner_text()
    app = next(frame for frame in page.frames if ":3000" in frame.url or "//3000-" in frame.url)

    attempts = {
        "parent": "parent.document",
        "top": "top.document",
        "navigation": "top.location = 'http://evil.example/'",
        "opener": "window.opener",
    }
    found = {
        name: app.evaluate(f"() => ({ATTEMPT})(() => {work})") for name, work in attempts.items()
    }
    assert found == {
        "parent": "SecurityError",
        "top": "SecurityError",
        "navigation": "SecurityError",
        "opener": "null",
    }
    for feature in ("camera", "microphone", "geolocation", "display-capture"):
        assert not app.evaluate("name => document.featurePolicy.allowsFeature(name)", feature)

    with page.expect_download() as download:
        shown.get_by_text("File").click()
    assert download.value.url.endswith("/file")

    with context.expect_page() as opened:
        shown.get_by_text("Window").click()
    window = opened.value
    expect(window.locator("#said")).to_have_text(re.compile("//3000-"))
    # The workbench's own policy cuts it off, so that no window finds the way back to the workbench.
    assert window.evaluate("window.opener") is None
    assert page.url.startswith(f"{platform.site}{path}")

    # In a tab of its own the app has what every page has.
    window.goto(window.url.replace("/popup", "/"))
    with context.expect_page() as opened:
        window.get_by_text("Window").click()
    assert opened.value.evaluate("opener.location.pathname") == "/"
    context.close()
