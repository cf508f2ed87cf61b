"""Chips above the composer, earlier attempts in the thread, and the questions before them."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from chat.models import Conversation, QueuedMessage, Turn
from chat.services import queue
from chat.services.branching import attempts
from tests.fixtures.rows import make_conversation, make_turn
from vibe.accounts.models import User

HTMX = {"headers": {"hx-request": "true"}}


@pytest.fixture
def conversation(alice: User) -> Conversation:
    return make_conversation(alice)


@pytest.fixture
def turn(conversation: Conversation) -> Turn:
    return make_turn(conversation)


@pytest.fixture
def chips(conversation: Conversation) -> list[QueuedMessage]:
    make_turn(conversation, status="running")
    made = [queue.add(conversation, text) for text in ("In blue", "In red")]
    return [each for each in made if isinstance(each, QueuedMessage)]


def order(page: Client, conversation: Conversation) -> list[str]:
    body = page.get(f"/c/{conversation.pk}/").content.decode()
    return re.findall(r'<span class="clip">(In \w+)</span>', body)


def test_chips_are_moved_changed_and_taken_out_by_buttons(
    page: Client, conversation: Conversation, chips: list[QueuedMessage]
) -> None:
    blue, red = (f"/queued/{chip.pk}/" for chip in chips)
    assert page.post(blue, {"do": "down"}, **HTMX).status_code == 200
    assert order(page, conversation) == ["In red", "In blue"]
    page.post(red, {"do": "save", "message": "In green", "revision": "1"}, **HTMX)
    page.post(blue, {"do": "remove"}, **HTMX)
    assert order(page, conversation) == ["In green"]


def test_a_change_of_an_older_state_is_refused_in_words(
    page: Client, chips: list[QueuedMessage]
) -> None:
    change = {"do": "save", "message": "In green", "revision": "1"}
    page.post(f"/queued/{chips[0].pk}/", change, **HTMX)
    second = page.post(f"/queued/{chips[0].pk}/", change, **HTMX)
    assert second.status_code == 409
    assert "changed in another tab" in second.content.decode()


def test_chips_that_are_held_back_have_a_button_to_send_them(
    page: Client, conversation: Conversation, chips: list[QueuedMessage]
) -> None:
    from chat.services.endings import end_turn

    end_turn(conversation.turns.get().pk, "stopped")
    body = page.get(f"/c/{conversation.pk}/").content.decode()
    assert "Held back" in body
    page.post(f"/queued/{chips[1].pk}/", {"do": "send"}, **HTMX)
    assert conversation.turns.count() == 2


def test_an_earlier_attempt_is_a_folded_line_that_brings_it_back(
    page: Client, conversation: Conversation, turn: Turn
) -> None:
    instead = attempts.regenerate(turn)
    Turn.objects.filter(pk=instead.pk).update(status="completed")
    body = page.get(f"/c/{conversation.pk}/").content.decode()
    assert f'<div class="attempt" id="attempt-{turn.pk}"' in body
    answer = page.post(f"/turns/{turn.pk}/bring-back/", **HTMX).content.decode()
    assert f'<div class="attempt" id="attempt-{instead.pk}"' in answer
    assert 'hx-target="#thread"' in answer


def test_the_question_before_an_edit_holds_text_models_and_what_becomes_of_files(
    page: Client, turn: Turn
) -> None:
    address = f"/messages/{turn.messages.get(role='user').pk}/edit/"
    body = page.get(address).content.decode()
    assert "Build it</textarea>" in body
    assert 'name="model"' in body and "they stay as they are" in body
    page.post(address, {"message": "Build it in blue"})
    assert turn.conversation.turns.count() == 2


def test_the_question_before_an_answer_is_made_anew_is_a_page_too(page: Client, turn: Turn) -> None:
    assert "Answer again" in page.get(f"/turns/{turn.pk}/regenerate/").content.decode()
    page.post(f"/turns/{turn.pk}/regenerate/", {"model": "demo"})
    turn.refresh_from_db()
    assert turn.is_superseded


def test_nobody_touches_what_is_somebody_elses(
    other: Client, turn: Turn, chips: list[QueuedMessage]
) -> None:
    said = turn.messages.get(role="user").pk
    for address in (f"/queued/{chips[0].pk}/", f"/turns/{turn.pk}/bring-back/"):
        assert other.post(address, {"do": "remove"}).status_code == 404
    for address in (
        f"/messages/{said}/edit/",
        f"/turns/{turn.pk}/regenerate/",
        f"/c/{turn.conversation_id}/queue/",
        f"/c/{turn.conversation_id}/thread/",
    ):
        assert other.get(address).status_code == 404
    assert QueuedMessage.objects.count() == 2


def test_long_messages_leave_the_queue_light(page: Client, conversation: Conversation) -> None:
    make_turn(conversation, status="running")
    for _ in range(20):
        queue.add(conversation, "word " * 2000)
    body = page.get(f"/c/{conversation.pk}/queue/").content
    assert len(body) < 100_000
    assert body.count(b"data-long") == 20
