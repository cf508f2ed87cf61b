"""Steering from the page: what is typed while the model works waits, is edited, goes in, and is
never lost."""

from __future__ import annotations

import os
import signal

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.chatting import send
from tests.e2e.holding import Person
from tests.fixtures.waiting import until

pytestmark = pytest.mark.browser

SLEEP = "Run `sleep 60`"


def ask(page: Page, text: str) -> None:
    page.locator("#message").fill(text)
    page.locator("#message").press("Enter")


def chips(page: Page) -> list[str]:
    return page.locator("#queue .clip").all_inner_texts()


@pytest.fixture
def working(platform, page: Page) -> Page:
    """A page whose model waits for a command."""
    page.goto(f"{platform.site}/new/")
    ask(page, SLEEP)
    expect(page.locator(".part.tool[data-command][data-state=running]")).to_have_count(1)
    return page


def end_the_command(page: Page) -> None:
    page.locator(".part.tool[data-command]").get_by_role("button", name="Stop").click()


def test_enter_queues_and_both_tabs_see_the_same_chips(working: Page):
    other = working.context.new_page()
    other.goto(working.url)
    for number, text in enumerate(("what files are there?", "thank you"), start=1):
        ask(working, text)
        expect(working.locator(".queued")).to_have_count(number)
    expect(other.locator(".queued")).to_have_count(2)
    other.locator(".queued").nth(1).get_by_role("button", name="Move up").click()
    expect(working.locator("#queue .clip").first).to_have_text("thank you")
    other.locator(".queued").nth(0).get_by_role("button", name="Remove").click()
    expect(working.locator(".queued")).to_have_count(1)
    assert chips(other) == ["what files are there?"]
    end_the_command(working)
    expect(working.locator("#composer-action[data-busy]")).to_have_count(0)
    expect(working.locator(".thread > .message[data-role=user]")).to_have_count(2)
    expect(working.locator(".queued")).to_have_count(0)


def test_a_chip_that_is_sent_while_one_edits_it_leaves_what_was_typed(working: Page):
    ask(working, "what files are there?")
    working.locator(".queued summary").click()
    working.locator(".queued textarea").fill("what files are there, and how large?")
    end_the_command(working)
    expect(working.locator(".queued")).to_have_count(0)
    expect(working.locator("#message")).to_have_value("what files are there, and how large?")
    expect(working.locator("#notices")).to_contain_text("waits no more")


def test_what_is_typed_while_a_message_is_on_its_way_stays(working: Page):
    held: list[Route] = []
    working.route("**/send/", lambda route: held.append(route))
    with working.expect_request("**/send/"):
        ask(working, "thank you")
    working.locator("#message").press_sequentially("and more")
    held[0].continue_()
    expect(working.locator(".queued")).to_have_count(1)
    expect(working.locator("#message")).to_have_value("and more")


def test_what_the_server_does_not_take_comes_back_and_outlives_a_reload(working: Page):
    working.route("**/send/", lambda route: route.abort())
    ask(working, "thank you")
    expect(working.locator("#message")).to_have_value("thank you")
    working.reload()
    expect(working.locator("#message")).to_have_value("thank you")


def test_escape_stops_after_the_step_then_at_once_and_chips_stay(working: Page):
    ask(working, "thank you")
    expect(working.locator(".queued")).to_have_count(1)
    working.locator("#message").blur()
    working.keyboard.press("Escape")
    expect(working.locator("#turn-state")).to_contain_text("Stopping after this step")
    working.keyboard.press("Escape")
    expect(working.locator("#composer-action[data-busy]")).to_have_count(0)
    expect(working.locator("#queue")).to_contain_text("Held back")
    working.locator("#queue").get_by_role("button", name="Send").click()
    expect(working.locator(".queued")).to_have_count(0)


def test_the_enter_of_an_input_method_sends_nothing(platform, page: Page):
    page.goto(f"{platform.site}/new/")
    page.locator("#message").fill("こんにちは")
    page.locator("#message").evaluate(
        "(box) => box.dispatchEvent(new KeyboardEvent('keydown', "
        "{ key: 'Enter', keyCode: 229, bubbles: true, cancelable: true }))"
    )
    assert page.url.endswith("/new/")
    expect(page.locator("#message")).to_have_value("こんにちは")


def test_a_text_beyond_the_limit_stays_whole_and_says_so(platform, page: Page):
    page.goto(f"{platform.site}/new/")
    ask(page, "x" * 100_500)
    expect(page.locator("#message-words")).to_contain_text("100,500 characters")
    assert len(page.locator("#message").input_value()) == 100_500
    assert page.url.endswith("/new/")


def test_an_edited_message_folds_what_came_after_and_it_comes_back(platform, page: Page):
    page.goto(f"{platform.site}/new/")
    send(page, "help")
    page.locator(".message[data-role=user]").hover()
    page.get_by_role("link", name="Edit this message").click()
    dialog = page.locator("dialog")
    dialog.locator("textarea").fill("thank you")
    dialog.get_by_role("button", name="Send").click()
    expect(page.locator(".attempt")).to_have_count(1)
    expect(page.locator(".thread > .message[data-role=user]")).to_contain_text("thank you")
    expect(page.locator("#composer-action[data-busy]")).to_have_count(0)
    page.get_by_role("button", name="Bring back").click()
    expect(page.locator(".thread > .message[data-role=user]")).to_contain_text("help")


def worker(person: Person) -> int | None:
    """The chat worker's process; None while it is being started again."""
    children = person.platform.children()
    return next((pid for pid, line in children.items() if "worker chat" in line), None)


@pytest.mark.slow
def test_each_message_is_sent_once_through_deaths_of_the_worker(person: Person):
    program = person.program
    conversation = program("POST", "conversations", {"model": "demo"})["id"]
    address = f"conversations/{conversation}"
    program("POST", f"{address}/turns", {"message": "what files are there?"})
    texts = [f"show the file number{number}.txt" for number in range(9)]
    for number, text in enumerate(texts):
        when = "turn" if number % 3 == 2 else "step"
        program("POST", f"{address}/turns", {"message": text, "queue": True, "when": when})
        if number % 3 == 1:
            os.kill(until(lambda: worker(person)), signal.SIGKILL)
            person.platform.until_ready()

    def at_rest() -> bool:
        for waits in program("GET", f"{address}/queue")["items"]:
            if waits["status"] == "held":  # by a turn that died with its worker
                program("POST", f"queued-messages/{waits['id']}/send")
        turns = program("GET", address)["turns"]
        ended = all(turn["status"] not in ("queued", "running") for turn in turns)
        return ended and not program("GET", f"{address}/queue")["items"]

    until(at_rest, patience=90)
    messages = program("GET", address)["messages"]
    said = [m["parts"][0]["text"] for m in messages if m["role"] == "user"]
    assert sorted(said) == sorted([*texts, "what files are there?"])
