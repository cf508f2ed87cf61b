"""In the browser: files grow while the model writes them, and what is done becomes one line."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.chat.agent.streaming.model_in_pieces import Answer, Call, PiecesServer, pieces_server
from tests.fixtures.platform import Platform
from tests.fixtures.running import running

pytestmark = [pytest.mark.browser, pytest.mark.sandbox]
SUGGESTED = "Ready.\n\n```suggestions\nAdd dark mode\n```"


@pytest.fixture(scope="module")
def model() -> Iterator[PiecesServer]:
    with pieces_server() as server:
        yield server


@pytest.fixture(scope="module")
def platform(model: PiecesServer) -> Iterator[Platform]:
    """A platform whose model speaks when the test lets it."""
    address = f"{model.address}/v1"
    names = {"VIBE_DEFAULT_MODEL": "custom:mock", "VIBE_OPENAI_MODELS": "mock"}
    with running(OPENAI_BASE_URL=address, **names) as started:
        yield started


def test_a_file_grows_in_its_card_and_in_the_code_panel(
    model: PiecesServer, platform: Platform, page: Page
) -> None:
    first, second = threading.Event(), threading.Event()
    content = "".join(f"line {number} é 😀\n" for number in range(30))
    one = json.dumps({"path": "a.txt", "content": "whole"})
    begun = f'{{"files": [{one}, {{"path": "b.txt", "content": "'
    text = json.dumps(content)[1:-1]
    model.answers = [
        Answer([Call("create_sandbox", ["{}"])]),
        Answer(
            [Call("write_files", [begun, text[:101], first.wait, text[101:], second.wait, '"}]}'])]
        ),
        Answer([], SUGGESTED),
    ]
    try:
        page.goto(f"{platform.site}/new/")
        page.locator("#message").fill("Write two files")
        page.locator("#message").press("Enter")

        card = page.locator(".tool", has_text="Writing")
        expect(card.locator(".tool-live")).to_contain_text("line 1 é")
        expect(card.locator("li[data-state=running]")).to_contain_text("b.txt")
        page.get_by_role("tab", name="Code").click()
        tree = page.locator("#tree")
        expect(tree.locator('[data-path="a.txt"]')).to_be_visible()
        expect(tree.locator('[data-path="b.txt"]')).to_have_count(0)
        expect(page.locator("#file .file-live")).to_contain_text("line 1 é")

        first.set()
        expect(page.locator("#file .file-live")).to_contain_text("line 29 é 😀")
        page.reload()
        expect(page.locator(".tool-live")).to_contain_text("line 29 é 😀")
        expect(page.locator("#file .file-live")).to_contain_text("line 29 é 😀")
    finally:
        first.set()
        second.set()

    line = page.locator(".steps > summary")
    expect(line).to_contain_text("2 steps")
    expect(page.locator("#file .cm-content")).to_contain_text("line 29 é 😀")
    line.click()
    page.locator(".steps .tool > summary", has_text="Wrote").click()
    expect(page.locator(".tool-diff").first).to_contain_text("+whole")
    expect(page.get_by_role("button", name="Add dark mode")).to_be_visible()


def test_a_failed_command_is_run_again_and_mended_from_its_card(
    model: PiecesServer, platform: Platform, page: Page
) -> None:
    failing = json.dumps({"command": "bash", "args": ["-lc", "echo broken >&2; exit 3"]})
    model.answers = [
        Answer([Call("create_sandbox", ["{}"])]),
        Answer([Call("run_command", [failing])]),
        Answer([], "It failed."),
    ]
    page.goto(f"{platform.site}/new/")
    page.locator("#message").fill("Run it")
    page.locator("#message").press("Enter")
    card = page.locator(".tool[data-state=failed]")
    expect(card).to_contain_text("echo broken >&2; exit 3")
    expect(page.locator("#composer-action[data-busy]")).to_have_count(0)

    card.get_by_role("button", name="Re-run").click()
    expect(page.locator("#commands [data-status=finished]")).to_have_count(2)
    card.get_by_role("button", name="Fix").click()

    asked = page.locator("article.message[data-role=user]").last
    expect(asked).to_contain_text("failed: exit 3. Find out why and fix it.")
    expect(asked).to_contain_text("broken")
    expect(page.locator("article.message").last).to_contain_text("Done.")
