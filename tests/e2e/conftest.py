"""One platform for a module's tests, a browser, and a client with an API key."""

from __future__ import annotations

import re
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.fixtures.platform import Client, Platform


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    # Not below pytest's directory: a socket's path may have no more than 107 bytes.
    data_dir = Path(tempfile.mkdtemp(prefix="vibe-e2e-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    running = Platform(data_dir, port)
    try:
        running.wait_for("Vibe is ready")
        yield running
    finally:
        running.stop()
        shutil.rmtree(data_dir, ignore_errors=True)


@pytest.fixture(scope="module")
def client(platform: Platform) -> Client:
    return Client(platform, platform.manage("create_api_key", "program", "--create-user"))


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def signed_in(platform: Platform, browser: Browser) -> Iterator[BrowserContext]:
    """A browser in which the administrator has signed in by the printed link."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto(platform.sign_in_link())
    page.get_by_role("button", name=re.compile("sign in", re.IGNORECASE)).click()
    page.wait_for_url(re.compile(r"/new/|/c/"))
    page.close()
    yield context
    context.close()


@pytest.fixture
def page(signed_in: BrowserContext) -> Iterator[Page]:
    """A new page; a page error or a message of the content security policy fails the test."""
    page = signed_in.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda message: errors.append(message.text) if "Content Security" in message.text else None,
    )
    yield page
    page.close()
    assert not errors
