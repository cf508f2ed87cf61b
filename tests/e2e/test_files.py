"""What one does with files on the page, in a real browser, on a running and a stopped sandbox."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.chatting import send
from tests.fixtures.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def code(platform, page: Page) -> Page:
    """The code panel of a conversation with an empty sandbox."""
    page.goto(f"{platform.site}/new/")
    send(page, "Create a new sandbox")
    page.get_by_role("tab", name="Code").click()
    expect(page.get_by_role("button", name="New file")).to_be_visible()
    return page


def make(page: Page, name: str, text: str) -> None:
    # The folder may be shown already: what the click brings is another head than that.
    page.evaluate("document.querySelector('#file .file-head')?.setAttribute('data-before', '')")
    page.locator("#file-top").click()
    expect(page.locator("#file .file-head[data-path='.']:not([data-before])")).to_be_visible()
    page.get_by_role("button", name="New file").click()
    page.locator("#new-file-name").fill(name)
    page.locator("#new-file-name").press("Enter")
    editor(page).fill(text)
    page.keyboard.press("Control+s")
    expect(page.locator("#file-text")).to_contain_text(text.strip())


def editor(page: Page) -> Locator:
    return page.locator("#file textarea")


def in_tree(page: Page, path: str) -> Locator:
    return page.locator(f"#tree [data-path='{path}']")


def test_a_file_is_made_edited_renamed_and_deleted(code: Page) -> None:
    make(code, "src/app.py", "print('one')\n")
    expect(in_tree(code, "src/app.py")).to_be_visible()

    code.get_by_role("button", name="Edit").click()
    expect(code.locator(".editor .numbers")).to_have_text(re.compile(r"1\s+2"))
    editor(code).press("Control+End")
    editor(code).press("Tab")
    expect(editor(code)).to_have_value("print('one')\n    ")
    expect(code.locator("[data-editor-state]")).to_have_text("Not saved")
    code.locator("#file-top").click()
    code.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(editor(code)).to_have_value("print('one')\n    ")
    editor(code).fill("print('two')\n")
    code.get_by_role("button", name="Save", exact=True).click()
    expect(code.locator("#file-text")).to_contain_text("two")

    code.get_by_role("button", name="Rename or move").click()
    code.get_by_label("New path").fill("main.py")
    code.get_by_role("button", name="Rename", exact=True).click()
    expect(in_tree(code, "main.py")).to_be_visible()
    expect(in_tree(code, "src/app.py")).to_have_count(0)

    code.locator("#file").get_by_role("button", name="Delete").click()
    expect(code.get_by_role("dialog")).to_contain_text("Delete “main.py”? This cannot be undone.")
    code.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(in_tree(code, "main.py")).to_have_count(0)


def test_folders_stay_as_one_left_them_when_files_change(code: Page) -> None:
    send(code, "Run `mkdir -p src/deep docs && touch src/deep/a.js docs/a.md`")
    in_tree(code, "src/deep").click()
    in_tree(code, "docs").click()
    folders = "[...document.querySelectorAll('#tree details')].map(d => [d.dataset.drop, d.open])"
    left = [["docs", False], ["src", True], ["src/deep", True]]
    assert code.evaluate(folders) == left

    send(code, "Run `touch src/deep/b.js docs/b.md`")
    expect(in_tree(code, "src/deep/b.js")).to_be_visible()

    assert code.evaluate(folders) == left


def test_a_change_behind_ones_back_is_not_overwritten_unasked(
    platform, program, code: Page
) -> None:
    make(code, "notes.txt", "first\n")
    code.get_by_role("button", name="Edit").click()
    editor(code).fill("mine\n")
    send(code, "Run `echo theirs > notes.txt`")
    code.get_by_role("button", name="Save", exact=True).click()
    expect(code.get_by_role("alert")).to_contain_text("was changed while you edited it")
    code.get_by_text("What it says now, against yours").click()
    expect(code.locator(".diff")).to_contain_text("+theirs")
    expect(editor(code)).to_have_value("mine\n")
    code.get_by_role("button", name="Save mine anyway").click()
    expect(code.locator("#file-text")).to_contain_text("mine")


def test_files_go_up_and_come_down_also_while_the_sandbox_is_stopped(
    code: Page, tmp_path: Path
) -> None:
    sandbox = code.locator("#sandbox-status")
    sandbox.get_by_role("button", name="Stop").click()
    code.get_by_role("dialog").get_by_role("button", name="Stop").click()
    expect(sandbox.get_by_role("button", name="Resume")).to_be_visible()
    expect(code.locator(".folder")).to_contain_text("The sandbox is stopped")

    raw = bytes(range(256)) * 4000
    (tmp_path / "raw.bin").write_bytes(raw)
    code.locator("[data-upload-input]").set_input_files(tmp_path / "raw.bin")
    expect(in_tree(code, "raw.bin")).to_be_visible()
    in_tree(code, "raw.bin").click()
    expect(code.locator(".file-body.bytes")).to_contain_text("000000  00 01 02")
    with code.expect_download() as one:
        code.get_by_label("Download the file").click()
    assert Path(one.value.path()).read_bytes() == raw

    code.locator("#file-top").click()
    with code.expect_download() as packed:
        code.get_by_text("Download zip").click()
    data = Path(packed.value.path()).read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["raw.bin"]


def test_a_dropped_file_lands_in_the_folder_under_it(code: Page) -> None:
    make(code, "src/a.txt", "a\n")
    expect(in_tree(code, "src/a.txt")).to_be_visible()
    code.evaluate(
        """() => {
          const data = new DataTransfer();
          data.items.add(new File(["dropped"], "b.txt"));
          const target = document.querySelector("#tree [data-drop='src'] summary");
          for (const type of ["dragover", "drop"]) {
            const options = { bubbles: true, cancelable: true, dataTransfer: data };
            target.dispatchEvent(new DragEvent(type, options));
          }
        }"""
    )
    expect(in_tree(code, "src/b.txt")).to_be_visible()


def test_a_search_leads_to_the_line(code: Page) -> None:
    make(code, "long.txt", "".join(f"line {number}\n" for number in range(1, 400)))
    code.locator("#file-search").fill("line 312")
    match = code.locator("#matches [data-line='312']")
    expect(match).to_be_visible()
    match.click()
    expect(code.locator("#file-text")).to_contain_text("line 312")
    body = code.locator("#file .file-body")
    until(lambda: body.evaluate("body => body.scrollTop") >= 4000, "a scroll to the line")
    code.locator("#file-search").fill("")
    expect(in_tree(code, "long.txt")).to_be_visible()
