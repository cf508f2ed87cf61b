"""Thirty elements of three apps are pointed at in the frame: the right file and line of most.

Their packages come from the registry that this machine is set up for.
"""

from __future__ import annotations

from typing import Any, cast

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.framed import about
from tests.e2e.pointed_apps import APPS, App
from tests.fixtures.length import FULL
from tests.fixtures.platform import LOCAL_HOST, SESSION_COOKIE, Client, Platform
from tests.fixtures.waiting import PATIENCE, until

pytestmark = [pytest.mark.browser, pytest.mark.battery]
INSTALLED_WITHIN = 600.0
SHARE = 0.8


def opened(platform: Platform, program: Client, app: App) -> str:
    """The path of a conversation whose preview shows the app."""
    sandbox = str(program("POST", "sandboxes", {"wait": PATIENCE})["id"])
    files = [{"path": path, "content": text} for path, text in app.files.items()]
    program("PUT", f"sandboxes/{sandbox}/files", files)
    body = {"command": "sh", "args": ["-c", app.start]}
    run = program("POST", f"sandboxes/{sandbox}/commands", body)["id"]

    def listens() -> bool:
        assert program("GET", f"commands/{run}")["status"] != "finished", program.log(run)
        ports = program("GET", f"sandboxes/{sandbox}/ports")["items"]
        return any(port["port"] == 3000 and port["listening"] for port in ports)

    until(listens, lambda: program.log(run), INSTALLED_WITHIN)
    return about(platform, program, sandbox)


def pointed(page: Page, selector: str) -> tuple[str, str]:
    """(place, how sure) that the panel says of the element."""
    page.locator("#preview-pick").click()
    expect(page.locator("#preview-pick")).to_have_attribute("aria-pressed", "true")
    element = page.frame_locator("#preview-frame iframe").locator(selector)
    element.click(force=True, position={"x": 2, "y": 2})
    expect(page.locator("#picked")).to_be_visible()
    place = page.locator("#picked-place").text_content() or ""
    sure = page.locator("#picked-sure").inner_text()
    page.locator("#picked-close").click()
    page.locator("#chips [data-element] button").click()  # a message has room for a few
    return place, sure


@pytest.mark.skipif(not FULL, reason="three apps of frameworks: VIBE_TEST_BATTERY=full")
def test_of_thirty_elements_file_and_line_of_four_in_five_are_right(
    platform: Platform, program: Client, browser: Browser, cookie: str
) -> None:
    wrong: dict[str, str] = {}
    certain_and_wrong = []
    for app in APPS:
        path = opened(platform, program, app)
        page = signed_in(browser, cookie, platform)
        page.goto(platform.site + path)
        page.frame_locator("#preview-frame iframe").locator("h1").wait_for(timeout=120_000)
        for selector, file, words in app.elements:
            place, sure = pointed(page, selector)
            if place != f"{file}:{app.line(file, words)}":
                wrong[f"{app.name} {selector}"] = f"{place} ({sure})"
                certain_and_wrong += [selector] if sure == "certain" else []
        page.context.close()
    total = sum(len(app.elements) for app in APPS)
    print(f"{total - len(wrong)} of {total} right; else: {wrong}")
    assert total >= 30
    assert total - len(wrong) >= SHARE * total, wrong
    assert not certain_and_wrong


def signed_in(browser: Browser, cookie: str, platform: Platform) -> Page:
    """A page of the program's owner. Not of the fixture whose pages may have no errors."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(30_000)
    own = {"name": SESSION_COOKIE, "value": cookie, "url": f"https://{LOCAL_HOST}"}
    context.add_cookies([cast(Any, {**own, "httpOnly": True, "secure": True, "sameSite": "Lax"})])
    return context.new_page()
