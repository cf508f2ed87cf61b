"""The preview follows the files where it is; a swap of the page breaks no rule for styles."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.framed import conversation, sign_in_link

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LONG = "<title>Long</title><h1>{word}</h1><div style=height:4000px></div>"
PATH = "/pages/long.html?of=1"
WATCH = "addEventListener('securitypolicyviolation', e => (window.broken = e.violatedDirective))"
SWAP = """async () => {
    const list = document.querySelector(".list-body");
    list.innerHTML = "<p id=styled>old</p>";
    list.firstElementChild.style.height = "9px";
    await htmx.ajax("GET", "/static/css/layers.css", { target: list, swap: "innerHTML" });
}"""


def show(platform, program, page: Page) -> None:
    """Open a conversation with a preview, as its owner."""
    shown = conversation(platform, program, "python3", "-m", "http.server", "3000")
    page.context.clear_cookies()
    page.goto(sign_in_link(platform, platform.site))
    page.get_by_role("button").click()
    page.wait_for_url(lambda url: "/sign-in/" not in url)
    page.goto(platform.site + shown)


def test_a_changed_file_shows_at_the_same_path_and_place(platform, program, page: Page):
    show(platform, program, page)
    frame = page.frame_locator("#preview-frame iframe")
    sandbox = page.locator("#sandbox-status").get_attribute("data-sandbox")

    def write(word: str) -> None:
        files = [{"path": "pages/long.html", "content": LONG.format(word=word)}]
        program("PUT", f"sandboxes/{sandbox}/files", files)

    write("before")
    expect(page.locator("#preview-path")).to_be_enabled()
    page.locator("#preview-path").fill(PATH)
    page.locator("#preview-path").press("Enter")
    expect(frame.locator("h1")).to_have_text("before")
    frame.locator("body").evaluate("() => scrollTo(0, 900)")

    write("after")
    expect(frame.locator("h1")).to_have_text("after")
    expect(page.locator("#preview-updated")).to_have_text("Updated")
    expect(page.locator("#preview-path")).to_have_value(PATH)
    assert frame.locator("body").evaluate("() => scrollY") == 900


def test_the_path_is_that_of_the_app_and_is_remembered(platform, program, page: Page):
    show(platform, program, page)
    frame = page.frame_locator("#preview-frame iframe")
    expect(frame.locator("h1")).to_contain_text("Directory listing")
    with page.expect_response(lambda answer: "elsewhere" in (answer.request.post_data or "")):
        frame.locator("body").evaluate("() => history.pushState(null, '', '/?elsewhere')")
        expect(page.locator("#preview-path")).to_have_value("/?elsewhere")
    page.reload()
    expect(page.locator("#preview-path")).to_have_value("/?elsewhere")


def test_a_swap_over_an_element_with_a_style_breaks_no_rule(platform, page: Page):
    page.route(
        "**/layers.css",
        lambda route: route.fulfill(content_type="text/html", body="<p id=styled>new</p>"),
    )
    page.goto(f"{platform.site}/new/")
    page.evaluate(WATCH)
    page.evaluate(SWAP)
    expect(page.locator("#styled")).to_have_text("new")
    assert page.evaluate("window.broken") is None
