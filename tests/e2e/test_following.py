"""The preview follows the files where it is; a swap of the page breaks no rule for styles."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.chatting import send

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGE = "<title>Long</title><h1>{word}</h1><div style=height:4000px></div>"
PATH = "/pages/long.html?of=1"
WATCH = "addEventListener('securitypolicyviolation', e => (window.broken = e.violatedDirective))"


def write(page: Page, word: str) -> None:
    """Write the page's file as a program does."""
    sandbox = page.locator("#sandbox-status").get_attribute("data-sandbox")
    answer = page.request.put(
        f"/api/v1/sandboxes/{sandbox}/files/pages/long.html",
        data=PAGE.format(word=word).encode(),
        headers={"Origin": page.evaluate("location.origin"), **headers(page)},
    )
    assert answer.ok, answer.text()


def headers(page: Page) -> dict[str, str]:
    return page.evaluate("JSON.parse(document.body.getAttribute('hx-headers:inherited'))")


def test_a_changed_file_shows_at_the_same_path_and_place(platform, page: Page):
    page.goto(f"{platform.site}/new/")
    send(page, "Create a new sandbox")
    write(page, "before")
    send(page, "Run `python3 -m http.server 3000` in the background")
    frame = page.frame_locator("#preview-frame iframe")
    expect(page.locator("#preview-frame iframe")).to_have_count(1)
    page.locator("#preview-path").fill(PATH)
    page.locator("#preview-path").press("Enter")
    expect(frame.locator("h1")).to_have_text("before")
    frame.locator("body").evaluate("() => scrollTo(0, 900)")

    write(page, "after")
    expect(frame.locator("h1")).to_have_text("after")
    expect(page.locator("#preview-path")).to_have_value(PATH)
    assert frame.locator("body").evaluate("() => scrollY") == 900

    frame.locator("body").evaluate("() => history.pushState(null, '', '/elsewhere')")
    expect(page.locator("#preview-path")).to_have_value("/elsewhere")


def test_a_swap_over_an_element_with_a_style_breaks_no_rule(platform, page: Page):
    page.goto(f"{platform.site}/new/")
    page.evaluate(WATCH)
    page.evaluate("""async () => {
        const list = document.querySelector(".list-body") ?? document.querySelector("#thread");
        list.innerHTML = "<p id=styled>old</p>";
        list.firstElementChild.style.height = "9px";
        await htmx.swap({ target: list, swap: "innerHTML", text: "<p id=styled>new</p>" });
    }""")
    expect(page.locator("#styled")).to_have_text("new")
    assert page.evaluate("window.broken") is None
