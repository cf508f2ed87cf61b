"""The app in the workbench's frame on a server with a name, with TLS before it and without."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from tests.e2e.framed import WHOLE, afresh, conversation, in_the_frame, sign_in_link, told
from tests.fixtures.firefox import firefox, running_firefox
from tests.fixtures.length import FULL
from tests.fixtures.platform import Client, Platform
from tests.fixtures.running import running
from tests.fixtures.tls_proxy import tls_proxy
from tests.fixtures.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NAME = "vibe.test"


@pytest.fixture(scope="module")
def browser(playwright: Playwright, chromium_path: str) -> Iterator[Browser]:
    """One that finds the name and everything below it here, and trusts whoever shows a
    certificate: a service worker does not take Playwright's word for that."""
    browser = playwright.chromium.launch(
        executable_path=chromium_path,
        args=[
            "--no-sandbox",
            "--disable-dev-shm-usage",
            f"--host-resolver-rules=MAP {NAME} 127.0.0.1, MAP *.{NAME} 127.0.0.1",
            "--ignore-certificate-errors",
        ],
    )
    yield browser
    browser.close()


@pytest.fixture(scope="module", params=["https", "http"])
def address(request: pytest.FixtureRequest) -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"{request.param}://{NAME}:{probe.getsockname()[1]}"


@pytest.fixture(scope="module")
def platform(address: str) -> Iterator[Platform]:
    port = int(address.rpartition(":")[2])
    if address.startswith("http:"):
        with running(port=port, VIBE_URL=address) as started:
            yield started
        return
    names = [NAME, f"*.preview.{NAME}"]
    with running(VIBE_URL=address) as started, tls_proxy(port, started.port, names):
        yield started


@pytest.fixture(scope="module")
def served(platform: Platform, program: Client) -> str:
    return conversation(platform, program)


@pytest.fixture
def shown(platform: Platform, program: Client, served: str) -> str:
    return afresh(platform, program, served)


@pytest.fixture
def page(browser: Browser, platform: Platform, address: str) -> Iterator[Page]:
    """Signed in by a link."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.goto(sign_in_link(platform, address))
    page.get_by_role("button", name=re.compile("sign in", re.IGNORECASE)).click()
    page.wait_for_url(re.compile(r"/new/|/c/"))
    yield page
    context.close()


def test_the_frame_gives_the_app_storage_and_cookies_that_take_nobody_elses_place(
    address: str, shown: str, page: Page
) -> None:
    # They have the names that a browser protects, where it does.
    held = {cookie["name"] for cookie in page.context.cookies(address)}
    prefix = "__Host-" if address.startswith("https:") else ""
    assert held == {f"{prefix}vibe_session", f"{prefix}vibe_csrf"}

    page.goto(f"{address}{shown}")

    frame = page.frame_locator("#preview-frame iframe")
    expect(frame.locator("#told")).to_contain_text("messages")
    assert re.search(rf"//3000-\w+\.preview\.{NAME}:", page.frames[1].url)
    # Browsers have service workers with TLS only.
    assert told(frame.locator("#told").inner_text()) == {
        **WHOLE, "worker": address.startswith("https:")
    }  # fmt: skip

    name = "__Host-vibe_session" if address.startswith("https:") else "sessionid"
    page.frames[1].evaluate(
        "name => { document.cookie = `${name}=tossed; domain=vibe.test; path=/` }", name
    )
    assert signed_in_after(page.context, address)


def signed_in_after(context: BrowserContext, address: str) -> bool:
    page = context.new_page()
    page.goto(f"{address}/settings/")
    return page.inner_text("h1") == "Settings"


@pytest.mark.skipif(firefox() is None, reason="needs Firefox (Debian: apt install firefox-esr)")
def test_firefox_gives_the_app_storage_and_cookies(
    address: str, platform: Platform, program: Client, shown: str
) -> None:
    if address.startswith("http:") and not FULL:
        pytest.skip("Firefox without TLS is for the full length, VIBE_TEST_BATTERY=full")
    path = firefox()
    assert path is not None
    sandbox = program("GET", f"conversations/{shown.split('/')[2]}")["sandbox_id"]
    local = f"{NAME},3000-{sandbox}.preview.{NAME}"
    with running_firefox(path, **{"network.dns.localDomains": local}) as fox:
        fox.goto(sign_in_link(platform, address))
        fox.run("() => document.querySelector('form:has([name=token])').submit()")
        until(lambda: re.search(r"/new/|/c/", fox.url()), fox.url)
        fox.goto(f"{address}{shown}")

        worker = address.startswith("https:")
        assert until(lambda: in_the_frame(fox)) == {**WHOLE, "worker": worker}
