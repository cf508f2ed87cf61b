"""Sending, stopping and retrying through the page."""

from __future__ import annotations

import re

from django.test import Client

from chat.models import Conversation, Part, Turn
from tests.fixtures.rows import make_conversation, make_turn
from vibe.accounts.models import User

HTMX = {"headers": {"hx-request": "true"}}


def test_the_first_message_makes_the_conversation(page: Client, alice: User) -> None:
    response = page.post("/new/send/", {"message": "Build a shop", "model": "demo"})
    conversation = Conversation.objects.get(owner=alice)
    assert response.url == f"/c/{conversation.pk}/"
    assert conversation.title == "Build a shop"


def test_a_blank_first_message_makes_nothing(page: Client, alice: User) -> None:
    page.post("/new/send/", {"message": " \n "})
    assert not Conversation.objects.exists()


def test_a_starter_brings_its_text_beside_the_empty_field(page: Client, alice: User) -> None:
    page.post("/new/send/", {"message": ["Run `ls`", ""], "model": "demo"})
    assert Part.objects.get(message__role="user").text == "Run `ls`"


def test_sending_answers_with_the_messages_and_stop(page: Client, alice: User) -> None:
    conversation = make_conversation(alice)
    response = page.post(f"/c/{conversation.pk}/send/", {"message": "Go <on>"}, **HTMX)
    body = response.content.decode()
    assert 'hx-target="#thread"' in body
    assert "Go &lt;on&gt;" in body
    assert f'formaction="/c/{conversation.pk}/stop/"' in body


def test_a_message_during_a_turn_waits_as_a_chip(page: Client, alice: User) -> None:
    conversation = make_conversation(alice)
    make_turn(conversation, status="running")
    response = page.post(f"/c/{conversation.pk}/send/", {"message": "Mo<re>"}, **HTMX)
    assert response.status_code == 200
    assert 'hx-target="#queue"' in response.content.decode()
    assert "Mo&lt;re&gt;" in page.get(f"/c/{conversation.pk}/").content.decode()
    assert conversation.queued_messages.get().text == "Mo<re>"


def test_the_first_stop_waits_for_the_step_and_the_second_does_not(
    page: Client, alice: User
) -> None:
    from chat.services import workers

    conversation = make_conversation(alice)
    turn = make_turn(conversation, status="running")
    Turn.objects.filter(pk=turn.pk).update(worker=workers.current())
    first = page.post(f"/c/{conversation.pk}/stop/", **HTMX).content.decode()
    turn.refresh_from_db()
    assert (turn.stop_after_step_at is None, turn.stop_requested_at) == (False, None)
    assert "press Stop again to stop at once" in first
    page.post(f"/c/{conversation.pk}/stop/", {"at_once": "yes"}, **HTMX)
    turn.refresh_from_db()
    assert turn.stop_requested_at is not None


def test_stop_ends_a_waiting_turn(page: Client, alice: User) -> None:
    conversation = make_conversation(alice)
    turn = make_turn(conversation, status="queued")
    response = page.post(f"/c/{conversation.pk}/stop/", **HTMX)
    turn.refresh_from_db()
    assert turn.status == Turn.Status.STOPPED
    assert "button primary send" in response.content.decode()


def test_a_failed_turn_can_be_tried_again(page: Client, alice: User) -> None:
    conversation = make_conversation(alice)
    failed = make_turn(conversation, status="failed")
    response = page.post(f"/turns/{failed.pk}/retry/", **HTMX)
    assert response.status_code == 200
    assert conversation.turns.filter(status="queued").count() == 1


def test_an_error_names_what_happened_and_offers_to_try_again(page: Client, alice: User) -> None:
    conversation = make_conversation(alice)
    turn = make_turn(conversation, status="failed")
    message = turn.messages.get(role="assistant")
    error = {"title": "The key was refused", "detail": "Check it.", "action": "settings"}
    Part.objects.create(message=message, position=1, kind="error", state="failed", result=error)
    body = page.get(f"/c/{conversation.pk}/").content.decode()
    assert "The key was refused" in body
    assert f"/turns/{turn.pk}/retry/" in body
    assert 'href="/settings/"' in body


def test_after_a_failed_turn_the_composer_sends(page: Client, alice: User) -> None:
    conversation = make_conversation(alice)
    make_turn(conversation, status="failed")

    composer = page.get(f"/c/{conversation.pk}/").content.decode()
    composer = composer.partition('<form class="composer"')[2].partition("</form>")[0]
    page.post(f"/c/{conversation.pk}/send/", {"message": "Go on"})

    assert 'class="button primary send">' in composer
    assert not re.search(r"<(textarea|button)[^>]*\bdisabled\b", composer)
    assert conversation.turns.filter(status="queued").count() == 1


def test_nobody_acts_in_somebody_elses_conversation(other: Client, alice: User) -> None:
    conversation = make_conversation(alice)
    turn = make_turn(conversation, status="failed")
    message = turn.messages.first()
    for path in (f"/c/{conversation.pk}/{verb}/" for verb in (
        "send", "stop", "rename", "model", "archive", "delete",
    )):  # fmt: skip
        assert other.post(path, {"message": "x", "title": "x"}).status_code == 404
    assert other.post(f"/turns/{turn.pk}/retry/").status_code == 404
    assert other.get(f"/messages/{message.pk}/").status_code == 404


def test_without_a_csrf_token_nothing_is_sent(alice: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    assert strict.post("/new/send/", {"message": "x"}).status_code == 403


def test_a_rename_changes_header_and_list(page: Client, alice: User) -> None:
    conversation = make_conversation(alice)
    body = page.post(f"/c/{conversation.pk}/rename/", {"title": "Shop"}, **HTMX).content.decode()
    assert 'hx-target="#title"' in body
    assert f'hx-target="#item-{conversation.pk}"' in body


def test_arrangements_are_kept(page: Client, alice: User) -> None:
    body = {"panes": {"list": 20}, "theme": "dark"}
    assert page.post("/preferences/", body, "application/json").status_code == 204
    alice.refresh_from_db()
    assert alice.preferences == {"panes": {"list": 20.0}, "theme": "dark"}


def test_an_unknown_arrangement_is_refused(page: Client) -> None:
    assert page.post("/preferences/", {"evil": 1}, "application/json").status_code == 400


def test_an_answer_that_reached_its_limit_offers_to_continue(client, owner, conversation):
    from chat.agent.faults import OUTPUT_LIMIT
    from chat.models import Turn
    from chat.services import turns
    from chat.services.endings import end_turn

    turn = turns.start_turn(conversation, "Write a long text")
    end_turn(turn.pk, Turn.Status.COMPLETED, error=OUTPUT_LIMIT)
    client.force_login(owner)

    page = client.get(f"/c/{conversation.pk}/").content.decode()
    client.post(f"/c/{conversation.pk}/send/", {"message": "Continue from where you stopped."})

    assert "The answer reached the model&#x27;s output limit" in page
    assert "Continue from where you stopped." in page and "Try again" not in page
    assert conversation.turns.count() == 2
