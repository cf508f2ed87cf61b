"""The terminal panel in a real browser: typing, sizes, colours, reload, several shells."""

from __future__ import annotations

import hashlib
import os
import re
import signal

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def bench(bench: Page) -> Page:
    """A conversation with a sandbox, its first terminal open."""
    page = bench
    page.get_by_role("tab", name="Terminal").click()
    expect(screen(page)).to_have_attribute("data-live", "")
    return page


def screen(page: Page) -> Locator:
    return page.locator(".terminal-screen:visible")


def rows(page: Page) -> Locator:
    return screen(page).locator(".xterm-rows")


def type_in(page: Page, line: str) -> None:
    screen(page).locator("textarea").focus()
    page.keyboard.type(line)
    page.keyboard.press("Enter")


def size(page: Page, mark: str) -> tuple[int, int]:
    type_in(page, f"echo {mark}=$(stty size | tr ' ' x)=")
    found = re.compile(rf"{mark}=(\d+)x(\d+)=")
    expect(rows(page)).to_contain_text(found)
    numbers = found.search(rows(page).inner_text())
    assert numbers
    return int(numbers[1]), int(numbers[2])


def test_a_shell_answers_in_colour_and_survives_a_reload(bench: Page):
    page = bench
    type_in(page, r"printf '\e[32mgreen\e[0m \e[38;2;0;80;160mblue\e[0m %s\n' $((40+2))")
    expect(rows(page)).to_contain_text("green blue 42")
    green = rows(page).locator("span", has_text=re.compile("^green$")).last
    blue = rows(page).locator("span", has_text=re.compile("^blue$")).last
    colour = "element => getComputedStyle(element).color"
    assert green.evaluate(colour) != rows(page).evaluate(colour)
    assert blue.evaluate(colour) == "rgb(0, 80, 160)"

    page.reload()
    expect(screen(page)).to_have_attribute("data-live", "")
    expect(rows(page)).to_contain_text("green blue 42")
    type_in(page, "echo again $((1+1))")
    expect(rows(page)).to_contain_text("again 2")


def test_modes_from_before_what_a_reload_shows_hold_after_it(bench: Page):
    page = bench
    type_in(page, r"printf '\e[?1000h\e[?1006h'; seq 80000; echo all-$((1+1))")
    expect(rows(page)).to_contain_text("all-2")
    mouse = screen(page).locator(".xterm.enable-mouse-events")
    expect(mouse).to_be_visible()
    page.reload()
    expect(screen(page)).to_have_attribute("data-live", "")
    expect(rows(page)).to_contain_text("all-2")
    expect(mouse).to_be_visible()


def test_the_shell_has_the_size_of_the_panel(bench: Page):
    page = bench
    before = size(page, "one")
    page.set_viewport_size({"width": 1100, "height": 700})
    expect(rows(page).locator("> div")).not_to_have_count(before[0])
    after = size(page, "two")
    assert after < before
    expect(rows(page).locator("> div")).to_have_count(after[0])


def test_an_open_terminal_comes_back_after_the_death_of_the_web_process(platform, bench: Page):
    page = bench
    # A shell that keeps a number only in its memory, and prints while nobody can see it.
    type_in(page, "held=$((40+2)); (sleep 2; echo printed-$((1+1))-meanwhile) & echo go-$((1))")
    expect(rows(page)).to_contain_text("go-1")
    web = platform.child("daphne")
    os.kill(web, signal.SIGKILL)
    expect(rows(page)).to_contain_text("printed-2-meanwhile")
    type_in(page, "echo still-$held.")
    expect(rows(page)).to_contain_text("still-42.")
    assert platform.child("daphne") != web


def test_two_shells_are_apart_and_close_one_by_one(bench: Page):
    page = bench
    type_in(page, "echo in-$((1)).")
    expect(rows(page)).to_contain_text("in-1.")
    page.get_by_role("button", name="New terminal").first.click()
    expect(page.locator("[data-terminal]")).to_have_count(2)
    expect(screen(page)).to_have_attribute("data-live", "")
    type_in(page, "echo in-$((2)).")
    expect(rows(page)).to_contain_text("in-2.")
    expect(rows(page)).not_to_contain_text("in-1.")
    page.get_by_role("tab", name="Shell 1").click()
    expect(rows(page)).to_contain_text("in-1.")
    page.get_by_role("button", name="Close Shell 1").click()
    expect(page.locator("[data-terminal]")).to_have_count(1)
    expect(rows(page)).to_contain_text("in-2.")


def test_a_shell_that_ended_says_how_and_starts_again(bench: Page):
    page = bench
    type_in(page, "exit 3")
    expect(screen(page)).to_contain_text("The shell has ended: exit 3.")
    page.get_by_role("button", name="Start again").click()
    expect(screen(page).locator(".terminal-note:visible")).to_have_count(0)
    expect(screen(page)).to_have_attribute("data-live", "")
    type_in(page, "echo back $((1+1))")
    expect(rows(page)).to_contain_text("back 2")


def test_a_stopped_sandbox_is_resumed_from_its_terminal(bench: Page):
    page = bench
    type_in(page, "echo kept >note.txt; echo done $((1+1))")
    expect(rows(page)).to_contain_text("done 2")
    page.locator("#sandbox-status").get_by_role("button", name="Stop").click()
    page.locator("dialog").get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Resume the sandbox").click()
    expect(screen(page).locator(".terminal-note:visible")).to_have_count(0)
    expect(screen(page)).to_have_attribute("data-live", "")
    type_in(page, "cat note.txt")
    expect(rows(page)).to_contain_text("kept")


def test_a_paste_of_many_lines_arrives_whole(bench: Page):
    page = bench
    type_in(page, "stty -echo; echo go-$((1)); cat | sha1sum; stty echo")
    expect(rows(page)).to_contain_text("go-1")
    text = "".join(f"line {number} of the paste\n" for number in range(4000))
    page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            const target = document.querySelector(".terminal-screen:not([hidden]) textarea");
            const options = { clipboardData: data, bubbles: true };
            target.dispatchEvent(new ClipboardEvent("paste", options));
        }""",
        text,
    )
    page.keyboard.press("Control+d")
    # A paste comes with carriage returns, which the terminal makes line feeds again.
    expect(rows(page)).to_contain_text(hashlib.sha1(text.encode()).hexdigest())


def test_f6_leaves_the_terminal(bench: Page):
    page = bench
    screen(page).locator("textarea").focus()
    page.keyboard.press("F6")
    expect(page.locator("#tab-terminal")).to_be_focused()
