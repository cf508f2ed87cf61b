"""The editor of the code panel: tabs, saving, a file that changes meanwhile, lines to go to."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.chatting import send
from tests.e2e.writing import editor, make

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def code(bench: Page) -> Iterator[Page]:
    """The code panel of a conversation with an empty sandbox; nothing breaks the page's policy."""
    page = bench
    broken: list[str] = []
    page.on("console", lambda said: broken.append(said.text) if "Policy" in said.text else None)
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("tab", name="Code").click()
    expect(page.get_by_role("button", name="New file")).to_be_visible()
    yield page
    assert broken == []


def tab(page: Page, name: str) -> Locator:
    return page.locator("#file-tabs").get_by_role("tab", name=name)


def test_files_open_in_tabs_and_unsaved_text_survives_a_reload(code: Page) -> None:
    make(code, "one.py", "def one():\nreturn 1\n")
    make(code, "two.txt", "two\n")
    tab(code, "one.py").click()
    expect(editor(code)).to_contain_text("def one()")

    editor(code).press("Control+End")
    code.keyboard.insert_text("# mine")
    expect(tab(code, "one.py, not saved")).to_be_visible()
    tab(code, "two.txt").click()
    expect(editor(code)).to_have_text("two")
    tab(code, "one.py").click()
    expect(editor(code)).to_contain_text("# mine")

    code.reload()
    expect(editor(code)).to_contain_text("# mine")
    code.keyboard.press("Control+s")
    expect(code.locator("[data-editor-state]")).to_have_text("")
    tab(code, "one.py").press("Delete")
    expect(tab(code, "one.py")).to_have_count(0)
    expect(editor(code)).to_have_text("two")


def test_a_change_of_the_file_is_taken_or_asked_about(code: Page) -> None:
    make(code, "notes.txt", "first\nsecond\n")
    send(code, "Run `echo theirs > notes.txt`")
    expect(editor(code)).to_have_text("theirs")

    editor(code).press("Control+End")
    code.keyboard.insert_text("mine")
    send(code, "Run `echo others > notes.txt`")
    notice = code.get_by_role("alert").filter(has_text="was changed while you edited it")
    expect(notice).to_be_visible()
    expect(editor(code)).to_contain_text("mine")
    notice.get_by_role("button", name="Compare").click()
    expect(code.locator(".cm-deletedChunk")).to_contain_text("others")
    notice.get_by_role("button", name="Take theirs").click()
    expect(editor(code)).to_have_text("others")
    expect(notice).to_have_count(0)

    editor(code).press("Control+z")
    expect(editor(code)).to_contain_text("mine")
    code.keyboard.press("Control+s")
    expect(code.locator("[data-editor-state]")).to_have_text("")
    send(code, "Run `cat notes.txt`")
    expect(code.locator("#messages, main").first).to_contain_text("mine")


def test_a_line_is_gone_to_from_a_search_and_from_a_log(code: Page) -> None:
    make(code, "long.txt", "".join(f"line {number}\n" for number in range(1, 400)))
    code.locator("#file-search").fill("line 312")
    code.locator("#matches [data-line='312']").click()
    active = code.locator("#file .cm-activeLineGutter").first
    expect(active).to_have_text("312")
    code.locator("#file-search").fill("")
    expect(code.locator("#tree [data-path='long.txt']")).to_be_visible()

    send(code, "Run `echo long.txt:37: broken`")
    code.locator("#logs .log-place").first.click()
    expect(active).to_have_text("37")


def test_the_keyboard_finds_and_leaves_the_editor(code: Page) -> None:
    make(code, "app.py", "one = 1\n")
    code.keyboard.press("Control+End")
    code.keyboard.press("Tab")
    expect(editor(code)).to_have_text(re.compile(r"one = 1\s{4}"))
    code.keyboard.press("Control+f")
    expect(code.locator("#file .cm-search [name=search]")).to_be_focused()
    code.keyboard.press("Escape")
    expect(editor(code)).to_be_focused()
    code.keyboard.press("Escape")
    code.keyboard.press("Tab")
    expect(editor(code)).not_to_be_focused()
    expect(editor(code)).to_have_attribute("aria-label", "Text of app.py")
