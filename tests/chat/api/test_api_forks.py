"""Forks of conversations over the API."""

from __future__ import annotations

import pytest
from django.test import Client

from chat.models import Conversation, Turn
from tests.fixtures.rows import make_conversation, make_turn
from vibe.accounts.models import User

URL = "/api/v1/conversations"


@pytest.fixture
def turn(alice: User) -> Turn:
    return make_turn(make_conversation(alice))


def test_a_fork_says_where_it_comes_from(as_alice: Client, turn: Turn) -> None:
    message = turn.messages.get(role="assistant")
    answer = as_alice.post(f"/api/v1/messages/{message.pk}/fork")
    assert answer.status_code == 201
    told = answer.json()
    assert (told["forked_from_id"], told["forked_at_id"]) == (turn.conversation_id, message.pk)
    assert len(as_alice.get(f"{URL}/{told['id']}").json()["messages"]) == 2


def test_a_duplicate_has_all_messages(as_alice: Client, turn: Turn) -> None:
    answer = as_alice.post(f"{URL}/{turn.conversation_id}/duplicate")
    assert answer.status_code == 201
    assert len(as_alice.get(f"{URL}/{answer.json()['id']}").json()["messages"]) == 2


def test_what_is_somebody_elses_is_not_there_to_be_forked(as_bob: Client, turn: Turn) -> None:
    message = turn.messages.first()
    assert as_bob.post(f"/api/v1/messages/{message.pk}/fork").status_code == 404
    assert as_bob.post(f"{URL}/{turn.conversation_id}/duplicate").status_code == 404
    assert as_bob.post(f"{URL}/{turn.conversation_id}/sandbox").status_code == 404
    assert Conversation.objects.count() == 1


def test_an_answer_under_way_is_a_conflict(as_alice: Client, alice: User) -> None:
    running = make_turn(make_conversation(alice), status="running")
    message = running.messages.get(role="assistant")
    assert as_alice.post(f"/api/v1/messages/{message.pk}/fork").status_code == 409


def test_without_a_version_there_is_no_sandbox_to_make_anew(as_alice: Client, turn: Turn) -> None:
    assert as_alice.post(f"{URL}/{turn.conversation_id}/sandbox").status_code == 409
