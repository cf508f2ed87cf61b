"""The app in the workbench's frame has what it has in a tab of its own, wherever one opens it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.e2e.framed import WHOLE, afresh, conversation, in_the_frame, sign_in_link, told
from tests.fixtures.firefox import Firefox, firefox, running_firefox
from tests.fixtures.length import length
from tests.fixtures.platform import Client, Platform
from tests.fixtures.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]
OPENED_AS = ["app.vibe.localhost", "localhost", "127.0.0.1"]
needs_firefox = pytest.mark.skipif(
    firefox() is None, reason="needs Firefox (Debian: apt install firefox-esr)"
)


@pytest.fixture(scope="module")
def served(platform: Platform, program: Client) -> str:
    return conversation(platform, program)


@pytest.fixture
def shown(platform: Platform, program: Client, served: str) -> str:
    return afresh(platform, program, served)


@pytest.fixture
def stranger(browser: Browser) -> Iterator[Page]:
    """A page of a browser in which nobody is signed in."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("host", OPENED_AS)
def test_chromium_gives_the_app_in_the_frame_storage_and_cookies(
    platform: Platform, shown: str, stranger: Page, host: str
) -> None:
    base = f"http://{host}:{platform.port}"
    stranger.goto(sign_in_link(platform, base))
    stranger.get_by_role("button", name=re.compile("sign in", re.IGNORECASE)).click()
    stranger.wait_for_url(re.compile(r"/new/|/c/"))

    stranger.goto(f"{base}{shown}?a=1")

    assert stranger.url == f"{platform.site}{shown}?a=1"
    frame = stranger.frame_locator("#preview-frame iframe")
    expect(frame.locator("#told")).to_contain_text("messages")
    assert told(frame.locator("#told").inner_text()) == WHOLE


@pytest.fixture
def inside(platform: Platform, shown: str, stranger: Page) -> FrameLocator:
    """The app in the frame, for somebody who has signed in."""
    stranger.goto(sign_in_link(platform, platform.site))
    stranger.get_by_role("button", name=re.compile("sign in", re.IGNORECASE)).click()
    stranger.wait_for_url(re.compile(r"/new/|/c/"))
    stranger.goto(f"{platform.site}{shown}")
    return stranger.frame_locator("#preview-frame iframe")


def test_windows_and_redirects_of_the_app_keep_its_session(
    stranger: Page, inside: FrameLocator
) -> None:
    for by in ("Open a window", "Open one by script"):
        with stranger.context.expect_page() as opened:
            inside.get_by_text(by).click()
        expect(opened.value.locator("h1")).to_have_text("known")

    inside.get_by_text("Go on").click()

    expect(inside.locator("h1")).to_have_text("known")
    assert re.search(r"//3000-\w+\.vibe\.localhost:\d+/arrived$", stranger.frames[1].url)


@pytest.fixture(scope="module")
def fox() -> Iterator[Firefox]:
    path = firefox()
    assert path is not None
    with running_firefox(path) as started:
        yield started


@needs_firefox
@pytest.mark.parametrize("host", length(["127.0.0.1"], OPENED_AS))
def test_firefox_gives_the_app_in_the_frame_storage_and_cookies(
    platform: Platform, shown: str, fox: Firefox, host: str
) -> None:
    base = f"http://{host}:{platform.port}"
    fox.goto(sign_in_link(platform, base))
    fox.run("() => document.querySelector('form:has([name=token])').submit()")
    until(lambda: re.search(r"/new/|/c/", fox.url()), fox.url)

    fox.goto(f"{base}{shown}")

    assert fox.url() == f"{platform.site}{shown}"
    assert until(lambda: in_the_frame(fox)) == WHOLE
