"""Files with a message, in a real browser, and the keys that complete and recall."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.chat.pictures import png
from tests.e2e.chatting import send

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASTE = """(text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  const paste = new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
  document.getElementById("message").dispatchEvent(paste);
}"""
DROP = """() => {
  const data = new DataTransfer();
  data.items.add(new File(["dropped"], "dropped.txt"));
  for (const kind of ["dragover", "drop"])
    document.getElementById("thread").dispatchEvent(
      new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true}));
}"""


def picture(name: str) -> dict:
    return {"name": name, "mimeType": "text/html", "buffer": png(40, 30)}


def test_files_are_attached_kept_sent_and_used(platform, page: Page):
    page.goto(f"{platform.site}/new/")
    chips = page.locator("#chips .chip[data-state=ready]")
    message = page.locator("#message")

    page.locator("#attach-files").set_input_files([picture("shot.png"), picture("wrong.png")])
    page.evaluate(PASTE, "a line\n" * 200)
    page.evaluate(DROP)
    expect(chips).to_have_count(4)
    page.get_by_role("button", name="Remove wrong.png").click()
    page.reload()
    expect(chips).to_have_text(
        [re.compile("shot.png"), re.compile("Pasted"), re.compile("dropped")]
    )

    send(page, "Create a new sandbox")
    expect(chips).to_have_count(0)
    said = page.locator("article.message[data-role=user]")
    expect(said.locator("img[alt='shot.png']")).to_have_js_property("naturalWidth", 40)
    expect(said.locator("a.chip")).to_have_count(2)
    expect(page.locator("#stage")).to_be_visible()

    send(page, "Run `wc -l 'attachments/Pasted text.txt' attachments/dropped.txt`")
    expect(page.locator("article.message").last).to_contain_text("200 attachments/Pasted text.txt")

    message.press("ArrowUp")
    expect(message).to_have_value(re.compile("^Run `wc"))
    message.press("ArrowUp")
    expect(message).to_have_value("Create a new sandbox")
    message.press("ArrowDown")
    message.press("ArrowDown")
    expect(message).to_have_value("")

    message.press_sequentially("show @drop")
    option = page.get_by_role("option", name="attachments/dropped.txt")
    expect(option).to_have_attribute("aria-selected", "true")
    message.press("Enter")
    expect(message).to_have_value("show attachments/dropped.txt ")
    expect(page.locator("article.message")).to_have_count(4)


def test_a_long_paste_can_be_undone_and_a_short_one_is_text(platform, page: Page):
    page.goto(f"{platform.site}/new/")
    message = page.locator("#message")
    message.fill("before ")
    page.evaluate(PASTE, "x" * 4001)
    expect(page.locator("#chips .chip[data-state=ready]")).to_have_count(1)

    page.get_by_role("button", name="Undo").click()

    expect(page.locator("#chips .chip")).to_have_count(0)
    expect(message).to_have_value("before " + "x" * 4001)
    page.evaluate(PASTE, "y" * 4000)
    expect(page.locator("#chips .chip")).to_have_count(0)


def test_drafts_and_chips_belong_to_their_conversation(platform, page: Page):
    page.goto(f"{platform.site}/new/")
    send(page, "help")
    page.locator("#message").fill("a thought")
    page.locator("#attach-files").set_input_files([picture("mine.png")])
    expect(page.locator("#chips .chip[data-state=ready]")).to_have_count(1)
    address = page.url

    page.goto(f"{platform.site}/new/")
    expect(page.locator("#message")).to_have_value("")
    expect(page.locator("#chips .chip")).to_have_count(0)

    page.goto(address)
    expect(page.locator("#message")).to_have_value("a thought")
    expect(page.locator("#chips .chip[data-state=ready]")).to_have_count(1)


def test_a_picture_too_large_for_models_says_so_and_is_made_smaller(platform, page: Page):
    page.goto(f"{platform.site}/new/")
    wide = {"name": "wide.png", "mimeType": "image/png", "buffer": png(8100, 40)}
    page.locator("#attach-files").set_input_files([wide])
    chip = page.locator("#chips .chip[data-state=ready]")
    expect(chip).to_contain_text("too large for models to see")
    chip.get_by_role("button", name="Make smaller").click()
    expect(chip).to_contain_text("wide.jpg")
    expect(chip).not_to_contain_text("too large")
    expect(chip.locator("img")).to_have_js_property("naturalWidth", 2000)
