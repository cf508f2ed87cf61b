"""axe finds nothing on any page, in any state, light and dark."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.looking import Walk, source
from tests.fixtures.platform import Platform
from tests.fixtures.running import running

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

# A provider at whose address nothing listens.
BROKEN = """
from chat.services.offered_models import language_models, model_providers

made = model_providers.create(
    None, name="Broken", wire="openai-chat", base_url="http://127.0.0.1:9/v1", key="x"
)
language_models.add(made, "broken")
"""
# What a check leaves behind: to have one made takes a browser of the platform's own.
FOUND_OUT = """
from chat.models import Check, Conversation

Check.objects.create(
    turn=Conversation.objects.latest("updated_at").turns.latest("created_at"),
    status=Check.Status.FAILED,
    reason="The button does nothing.",
    steps=[
        {"what": "Opened the page", "outcome": "ok", "seconds": 0.4},
        {"what": "Pressed Add", "outcome": "failed", "detail": "Nothing changed."},
    ],
)
"""


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    """Its own: the tabs that it opens stay chosen, and other files expect those of a new user."""
    with running(VIBE_DEFAULT_MODEL="demo") as started:
        started.manage("shell", "-c", BROKEN)
        yield started


@pytest.fixture(scope="module")
def axe() -> str:
    return source()


@pytest.fixture(scope="module")
def context(signed_in: BrowserContext, axe: str) -> BrowserContext:
    signed_in.add_init_script(axe)
    return signed_in


@pytest.fixture
def walk(context: BrowserContext, page: Page) -> Walk:
    return Walk(page)


def ask(page: Page, text: str) -> None:
    page.locator("#message").fill(text)
    page.locator("#message").press("Enter")


def begin(platform: Platform, page: Page, text: str, *, query: str = "") -> None:
    """A new conversation with this request, in whose mode is chosen by the page before."""
    page.goto(f"{platform.site}/new/{query}")
    ask(page, text)
    page.wait_for_url(re.compile("/c/"))


def at_rest(page: Page) -> None:
    expect(page.locator("#composer-action .send")).to_be_visible()


def test_everyone_can_steer(platform: Platform, walk: Walk) -> None:
    """What waits, asks, fails: the states of a conversation."""
    page = walk.page
    page.goto(f"{platform.site}/new/")
    walk.look("an empty page", "#starters")
    note = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"one\ntwo\n"}
    page.locator("#attach-files").set_input_files([note])
    walk.look("attachments", "#chips .chip[data-state=ready]")
    ask(page, "Run `echo begun; sleep 600`")
    expect(page.locator(".part.tool[data-command][data-state=running]")).to_be_visible()
    for number, text in enumerate(("make the header blue", "thank you"), start=1):
        ask(page, text)
        expect(page.locator(".queued")).to_have_count(number)
    walk.look("work, and what waits", ".working")
    page.locator(".queued summary").first.click()
    walk.look("what waits, being edited", ".queued textarea", phone=True)

    page.goto(f"{platform.site}/new/")
    page.get_by_role("radio", name="Plan").check(force=True)
    ask(page, "Build a quiz")
    walk.look("a plan", "[data-plan] textarea")
    begin(platform, page, "Ask me what to build")
    walk.look("a question", "[data-asked]", phone=True)
    begin(platform, page, "Run `rm -rf build`")
    walk.look("a step to allow", "[data-asked]", phone=True)
    begin(platform, page, "Run `echo 'a.c:3: error' >&2; exit 2`")
    expect(page.locator('.tool[data-state="failed"]')).to_be_visible()
    at_rest(page)
    walk.look("a failed command", '.tool[data-state="failed"]')
    begin(platform, page, "Build a quiz", query="?modelId=broken:broken")
    walk.look("a failed turn", ".error-part")
    assert walk.found == {}


def test_everyone_can_use(platform: Platform, walk: Walk) -> None:
    """What was built, its panels and dialogs; then the pages beside the workbench."""
    page = walk.page
    begin(platform, page, "Build a to-do app in Python")
    expect(page.frame_locator("#stage iframe").first.get_by_role("heading")).to_be_visible()
    at_rest(page)
    conversation = page.url.partition("?")[0]
    sandbox = page.locator("#sandbox-status").get_attribute("data-sandbox")
    command = page.locator("[data-command]").first.get_attribute("data-command")
    walk.look("a preview", "#stage iframe", phone=True)
    page.locator("#tab-changes").click()
    walk.look("what a version changed", ".changed-file", phone=True)
    page.locator("#tab-code").click()
    page.locator("#tree >> text=app.py").click()
    walk.look("the editor", "#file .cm-content", phone=True)
    page.locator("#tab-terminal").click()
    walk.look("a terminal", "#terminal-panel .xterm")
    page.locator("#tab-resources").click()
    walk.look("resources", "#resources-panel")
    page.locator("#tab-problems").click()
    walk.look("problems", "#problems-panel")
    page.locator("#tab-console").click()
    walk.look("the console", "#console-panel")
    page.locator("#tab-preview").click()
    page.locator("#preview-share > summary").click()
    walk.look("who may open the preview", "#preview-share-list .share-form")
    page.keyboard.press("Escape")
    platform.manage("shell", "-c", FOUND_OUT)
    page.reload()
    walk.look("what was found out about the app", ".evidence-steps")
    page.keyboard.press("Control+k")
    walk.look("the palette", ".palette [role=option]", phone=True)
    page.keyboard.press("Escape")
    page.locator("#tab-preview").focus()
    page.keyboard.press("?")
    walk.look("the list of keys", "dialog.shortcuts")
    page.keyboard.press("Escape")
    page.locator("#thread a[data-restore]").first.click()
    walk.look("the question before a restore", "dialog .restore-form", phone=True)

    for address, shown in (
        (f"{conversation}changes/", ".changed-file"),
        (f"{conversation}options/", ".options-page"),
        (f"{conversation}memory/", "h1"),
        (f"{conversation}cost/", "h1"),
        ("/conversations/", ".list-row"),
        ("/conversations/?q=python", "mark"),
        ("/conversations/?q=zzzzzz", "h1"),
        ("/archive/", "h1"),
        ("/conversations/import/", "input[type=file]"),
        (f"/commands/{command}/", "log-view"),
        (f"/sandboxes/{sandbox}/", "h1"),
        (f"/sandboxes/{sandbox}/browse/", "h1"),
        ("/sandboxes/", "table"),
        ("/snapshots/", "h1"),
        ("/settings/", "h1"),
        ("/settings/models/", "h1"),
        ("/settings/tools/", "h1"),
        ("/usage/", "h1"),
        ("/instructions/", "h1"),
        ("/risks/", "h1"),
        ("/nowhere/", "h1"),
    ):
        page.goto(address if address.startswith("http") else f"{platform.site}{address}")
        walk.look(address, shown)
    for address, shown in (
        ("/api/docs", ".opblock"),
        ("/admin/sandboxes/sandbox/", "#result_list"),
    ):
        page.goto(f"{platform.site}{address}")
        walk.look(address, shown, grave=True)
    assert walk.found == {}


def test_everyone_can_sign_in(platform: Platform, browser: Browser, axe: str) -> None:
    context = browser.new_context()
    context.add_init_script(axe)
    walk = Walk(context.new_page())
    walk.page.goto(f"{platform.site}/sign-in/")
    walk.look("sign-in", "form", phone=True)
    walk.page.locator("[name=username]").fill("nobody")
    walk.page.locator("[name=password]").fill("wrong")
    walk.page.get_by_role("button", name=re.compile("sign in", re.IGNORECASE)).click()
    walk.look("a wrong password", "[role=alert]")
    walk.page.goto(f"{platform.site}/sign-in/{'a' * 43}/")
    walk.look("a link that is used up", "h1")
    context.close()
    assert walk.found == {}
