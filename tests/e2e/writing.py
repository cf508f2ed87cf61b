"""What a person does with the text of files in the code panel."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def make(page: Page, name: str, text: str) -> None:
    # The folder may be shown already: what the click brings is another head than that.
    page.evaluate("document.querySelector('#file .file-head')?.setAttribute('data-before', '')")
    page.locator("#file-top").click()
    expect(page.locator("#file .file-head[data-path='.']:not([data-before])")).to_be_visible()
    page.get_by_role("button", name="New file").click()
    page.locator("#new-file-name").fill(name)
    page.locator("#new-file-name").press("Enter")
    write(page, text)


def write(page: Page, text: str) -> None:
    """Have this text in the editor that shows, and save it."""
    expect(editor(page)).to_be_visible()
    editor(page).press("Control+a")
    # Not written over: Chromium then styles what it inserts, which the page's policy refuses aloud.
    editor(page).press("Delete")
    page.keyboard.insert_text(text)
    page.keyboard.press("Control+s")
    expect(page.locator("[data-editor-state]")).to_have_text("")


def editor(page: Page) -> Locator:
    return page.locator("#file .cm-content")
