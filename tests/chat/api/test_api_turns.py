"""Turns: ask, look, stop, try again; and the models to choose from."""

from __future__ import annotations

import pytest
from django.test import Client

from chat.models import Conversation, Message, Turn
from tests.fixtures.rows import make_conversation, make_turn
from vibe.accounts.models import User

JSON = "application/json"


@pytest.fixture
def conversation(alice: User) -> Conversation:
    return make_conversation(alice)


@pytest.fixture
def url(conversation: Conversation) -> str:
    return f"/api/v1/conversations/{conversation.id}/turns"


def test_asking_works(as_alice: Client, url: str) -> None:
    response = as_alice.post(url, {"message": "Build a todo app"}, content_type=JSON)
    assert response.status_code == 202
    assert response.json()["status"] == "queued"
    turn = Turn.objects.get(pk=response.json()["id"])
    asked = Message.objects.get(turn=turn, role="user")
    assert asked.parts.get().text == "Build a todo app"


def test_asking_while_the_model_works_is_a_conflict(
    as_alice: Client, conversation: Conversation, url: str
) -> None:
    make_turn(conversation, status="running")
    response = as_alice.post(url, {"message": "And this"}, content_type=JSON)
    assert response.status_code == 409
    assert response.json()["error"]["code"] == "conflict"


def test_an_empty_message_is_refused(as_alice: Client, url: str) -> None:
    assert as_alice.post(url, {"message": ""}, content_type=JSON).status_code == 422
    assert as_alice.post(url, {"message": "  "}, content_type=JSON).status_code == 400


def test_get_works(as_alice: Client, conversation: Conversation) -> None:
    turn = make_turn(conversation)
    answer = as_alice.get(f"/api/v1/turns/{turn.id}").json()
    assert (answer["id"], answer["status"]) == (turn.id, "completed")
    assert answer["conversation_id"] == conversation.id


def test_stop_of_a_waiting_turn_ends_it(as_alice: Client, conversation: Conversation) -> None:
    turn = make_turn(conversation, status="queued")
    response = as_alice.post(f"/api/v1/turns/{turn.id}/stop")
    assert response.status_code == 200
    assert response.json()["status"] == "stopped"


def test_retry_of_a_failed_turn_starts_another(
    as_alice: Client, conversation: Conversation
) -> None:
    turn = make_turn(conversation, status="failed")
    response = as_alice.post(f"/api/v1/turns/{turn.id}/retry", content_type=JSON)
    assert response.status_code == 202
    assert response.json()["id"] != turn.id


def test_retry_of_a_completed_turn_is_a_conflict(
    as_alice: Client, conversation: Conversation
) -> None:
    turn = make_turn(conversation)
    assert as_alice.post(f"/api/v1/turns/{turn.id}/retry", content_type=JSON).status_code == 409


def test_models_names_a_default_that_is_listed(as_alice: Client) -> None:
    answer = as_alice.get("/api/v1/models").json()
    assert answer["default"] in [model["id"] for model in answer["items"]]


def test_bob_gets_404_from_all(as_bob: Client, conversation: Conversation, url: str) -> None:
    turn = make_turn(conversation, status="queued")
    assert as_bob.post(url, {"message": "hi"}, content_type=JSON).status_code == 404
    assert as_bob.get(f"/api/v1/turns/{turn.id}").status_code == 404
    assert as_bob.post(f"/api/v1/turns/{turn.id}/stop").status_code == 404
    assert as_bob.post(f"/api/v1/turns/{turn.id}/retry", content_type=JSON).status_code == 404
    assert as_bob.get(f"/api/v1/turns/{turn.id}/events").status_code == 404
    turn.refresh_from_db()
    assert turn.status == "queued"
