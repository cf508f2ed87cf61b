"""Answers made anew, messages said otherwise, attempts brought back."""

from __future__ import annotations

import pytest
from django.test import Client

from chat.models import Conversation, Turn
from tests.fixtures.rows import make_conversation, make_turn
from vibe.accounts.models import User

JSON = "application/json"


@pytest.fixture
def turn(alice: User) -> Turn:
    return make_turn(make_conversation(alice))


def test_an_answer_is_made_anew(as_alice: Client, turn: Turn) -> None:
    url = f"/api/v1/turns/{turn.id}/regenerate"
    response = as_alice.post(url, {"model": "demo"}, content_type=JSON)
    assert response.status_code == 202
    assert response.json()["status"] == "queued"
    old = as_alice.get(f"/api/v1/turns/{turn.id}").json()
    assert old["superseded_by_id"] == response.json()["id"]


def test_a_message_is_said_otherwise(as_alice: Client, turn: Turn) -> None:
    url = f"/api/v1/turns/{turn.id}/resend"
    response = as_alice.post(url, {"message": "In blue"}, content_type=JSON)
    assert response.status_code == 202
    made = Turn.objects.get(pk=response.json()["id"])
    assert made.messages.get(role="user").parts.get().text == "In blue"


def test_wrong_requests_are_refused(as_alice: Client, turn: Turn) -> None:
    url = f"/api/v1/turns/{turn.id}"
    for data, status in (
        ({"message": ""}, 400),
        ({"message": "  "}, 400),
        ({"message": "x", "files": "burn"}, 422),
        ({"message": "x", "message_id": "msg_x"}, 404),
        ({"message": "x", "files": "restore"}, 409),
    ):
        assert as_alice.post(f"{url}/resend", data, content_type=JSON).status_code == status
    assert as_alice.post(f"{url}/bring-back").status_code == 409


def test_an_attempt_is_brought_back(as_alice: Client, turn: Turn) -> None:
    made = as_alice.post(f"/api/v1/turns/{turn.id}/regenerate", content_type=JSON).json()["id"]
    assert as_alice.post(f"/api/v1/turns/{turn.id}/bring-back").status_code == 409
    Turn.objects.filter(pk=made).update(status="completed")
    response = as_alice.post(f"/api/v1/turns/{turn.id}/bring-back")
    assert response.status_code == 200
    assert response.json()["superseded_by_id"] is None
    assert as_alice.get(f"/api/v1/turns/{made}").json()["superseded_by_id"] == turn.id


def test_bob_gets_404_from_all(as_bob: Client, turn: Turn) -> None:
    url = f"/api/v1/turns/{turn.id}"
    assert as_bob.post(f"{url}/regenerate", content_type=JSON).status_code == 404
    assert as_bob.post(f"{url}/resend", {"message": "x"}, content_type=JSON).status_code == 404
    assert as_bob.post(f"{url}/bring-back").status_code == 404
    assert Conversation.objects.get().turns.count() == 1
