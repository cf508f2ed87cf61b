"""What one does with files on the page, in a real browser, on a running and a stopped sandbox."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.chatting import send
from tests.e2e.writing import editor, make, write

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def code(bench: Page) -> Page:
    """The code panel of a conversation with an empty sandbox."""
    page = bench
    page.get_by_role("tab", name="Code").click()
    expect(page.get_by_role("button", name="New file")).to_be_visible()
    return page


def in_tree(page: Page, path: str) -> Locator:
    return page.locator(f"#tree [data-path='{path}']")


def test_a_file_is_made_edited_renamed_and_deleted(code: Page) -> None:
    make(code, "src/app.py", "print('one')\n")
    expect(in_tree(code, "src/app.py")).to_be_visible()

    write(code, "print('two')\n")
    expect(editor(code)).to_contain_text("two")

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
