"""Next.js as its tutorial has it: a form that the server answers, and hot reload.

Its packages come from the registry that this machine is set up for, so this is for when asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, Playwright, expect

from tests.e2e.framed import conversation, sign_in_link
from tests.fixtures.length import FULL, length
from tests.fixtures.platform import Client, Platform
from tests.fixtures.running import running

pytestmark = [pytest.mark.browser, pytest.mark.battery]
INSTALLED_WITHIN = 600.0
COMPILED_WITHIN = 120_000  # milliseconds
DOMAIN = "preview.test"
PAGE = """
import { revalidatePath } from "next/cache";
import { Counter } from "./counter";
async function say(form) {
  "use server";
  globalThis.said = form.get("said");
  revalidatePath("/");
}
export const dynamic = "force-dynamic";
export default function Page() {
  return <form action={say}><h1>First title</h1><p id="said">{globalThis.said ?? "nothing"}</p>
    <input name="said" /><button>Say</button><Counter /></form>;
}
"""
COUNTER = """
"use client";
import { useEffect, useState } from "react";
export function Counter() {
  const [count, setCount] = useState(-1);
  useEffect(() => setCount(0), []);
  return <button type="button" id="count" onClick={() => setCount(count + 1)}>{count}</button>;
}
"""
LAYOUT = """
export default function Layout({ children }) {
  return <html><body>{children}</body></html>;
}
"""
NEXT = f"""
echo "{{}}" > package.json && npm install --silent --no-audit --no-fund $0 react react-dom &&
mkdir -p app && printf %s '{PAGE}' > app/page.js && printf %s '{LAYOUT}' > app/layout.js &&
printf %s '{COUNTER}' > app/counter.js && NEXT_TELEMETRY_DISABLED=1 exec npx next dev -p 3000
"""


@pytest.fixture(scope="module")
def browser(playwright: Playwright, chromium_path: str) -> Iterator[Browser]:
    """One that finds every name below the domain here."""
    browser = playwright.chromium.launch(
        executable_path=chromium_path,
        args=[
            "--no-sandbox",
            "--disable-dev-shm-usage",
            f"--host-resolver-rules=MAP *.{DOMAIN} 127.0.0.1",
        ],
    )
    yield browser
    browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def sandbox_of(program: Client, path: str) -> str:
    """The sandbox of the conversation at this path."""
    conversation_id = path.strip("/").rpartition("/")[2]
    return str(program("GET", f"conversations/{conversation_id}")["sandbox_id"])


def works(shown: Page | FrameLocator, program: Client, sandbox: str) -> None:
    """Send the form, then change the page's source: what its button held is kept."""
    expect(shown.locator("#count")).to_have_text("0", timeout=COMPILED_WITHIN)

    shown.locator("[name=said]").fill("Hello")
    shown.get_by_role("button", name="Say").click()
    expect(shown.locator("#said")).to_have_text("Hello")

    shown.locator("#count").click()
    body = {"command": "sed", "args": ["-i", "s/First title/Second title/", "app/page.js"]}
    program("POST", f"sandboxes/{sandbox}/commands", body)
    expect(shown.locator("h1")).to_have_text("Second title")
    expect(shown.locator("#count")).to_have_text("1")


@pytest.mark.parametrize("version", length(["next@16"], ["next@15", "next@16"]))
def test_it_works_in_the_frame(
    platform: Platform, program: Client, page: Page, version: str
) -> None:
    path = conversation(platform, program, "sh", "-c", NEXT, version, within=INSTALLED_WITHIN)
    page.goto(sign_in_link(platform, platform.site))
    page.get_by_role("button", name=re.compile("sign in", re.IGNORECASE)).click()
    page.wait_for_url(re.compile(r"/new/|/c/"))
    page.goto(f"{platform.site}{path}")

    works(page.frame_locator("#preview-frame iframe"), program, sandbox_of(program, path))


@pytest.mark.skipif(not FULL, reason="a second Next: VIBE_TEST_BATTERY=full")
def test_it_works_below_a_domain_that_it_has_not_been_told_of(page: Page) -> None:
    with running(VIBE_PREVIEW_DOMAIN=DOMAIN) as platform:
        program = Client(platform, platform.manage("create_api_key", "program", "--create-user"))
        path = conversation(platform, program, "sh", "-c", NEXT, "next", within=INSTALLED_WITHIN)
        sandbox = sandbox_of(program, path)

        program("PATCH", f"sandboxes/{sandbox}/ports/3000", {"access": "public"})
        page.goto(f"http://3000-{sandbox}.{DOMAIN}:{platform.port}/")
        page.get_by_role("button", name="Continue to the app").click()

        works(page, program, sandbox)
