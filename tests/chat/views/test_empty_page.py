"""The page on which nothing was said yet, and the welcome."""

from __future__ import annotations

from django.test import Client

from chat.models import Conversation
from chat.rendering.empty_page import RECENT
from tests.fixtures.rows import make_conversation, make_sandbox, make_turn
from vibe.accounts.models import User

CARD = "Welcome to Vibe"


def body_of(page: Client, address: str = "/new/") -> str:
    return page.get(address).content.decode()


def test_each_starter_has_a_drawing_and_is_a_button_of_the_form(page: Client) -> None:
    body = body_of(page)
    assert body.count('<svg class="drawing"') == 4
    assert body.count('<button type="submit" form="composer" name="message"') == 4


def test_recent_work_is_listed_and_nobody_elses(page: Client, alice: User, bob: User) -> None:
    for number in range(RECENT + 2):
        Conversation.objects.create(owner=alice, title=f"Mine {number}")
    Conversation.objects.create(owner=bob, title="Not mine")
    below = body_of(page).split('class="recent"')[1]
    assert below.split("</ul>")[0].count("<li>") == RECENT
    assert "Not mine" not in below


def test_recent_work_says_what_runs(page: Client, alice: User) -> None:
    make_conversation(alice, sandbox=make_sandbox(alice, status="running"))
    assert "running" in body_of(page).split('class="recent"')[1]


def test_a_conversation_with_messages_has_none_of_it(page: Client, alice: User) -> None:
    conversation = make_conversation(alice)
    make_turn(conversation)
    body = body_of(page, f"/c/{conversation.pk}/")
    assert 'id="starters"' not in body
    assert CARD not in body


def test_a_browser_is_welcomed_until_it_puts_that_away_for_a_month(page: Client) -> None:
    assert CARD in body_of(page)

    answer = page.post("/welcome/")

    cookie = answer.cookies["vibe_welcome"]
    assert answer.url == "/new/"
    assert (cookie["max-age"], cookie["httponly"], cookie["samesite"]) == (2_592_000, True, "Lax")
    assert CARD not in body_of(page)


def test_whoever_asks_what_this_is_sees_the_welcome_again(page: Client) -> None:
    page.post("/welcome/")
    assert 'href="/new/?welcome"' in body_of(page)
    assert CARD in body_of(page, "/new/?welcome")


def test_a_link_cannot_put_the_welcome_away(page: Client) -> None:
    assert page.get("/welcome/").status_code == 405
