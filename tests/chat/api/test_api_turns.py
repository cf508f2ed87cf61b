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


@pytest.fixture
def waiting(conversation: Conversation) -> Turn:
    """A turn that asks one question."""
    from chat.services.asking import waiting
    from chat.services.asking.waiting import Asked

    turn = make_turn(conversation, status="running")
    one = {"question": "Which?", "choices": ["A", "B"], "default": 0, "free_text": False}
    assert waiting.begin(turn, Asked("question", {"questions": [one]}))
    return turn


def test_a_waiting_turn_says_what_it_waits_for_and_what_is_asked(
    as_alice: Client, waiting: Turn
) -> None:
    said = as_alice.get(f"/api/v1/turns/{waiting.id}").json()
    assert (said["status"], said["waiting_for"], said["mode"]) == ("waiting", "question", "build")
    assert said["question"]["asked"]["questions"][0]["choices"] == ["A", "B"]


def test_an_answer_lets_the_turn_go_on_and_a_second_one_is_a_conflict(
    as_alice: Client, waiting: Turn
) -> None:
    url = f"/api/v1/turns/{waiting.id}/answer"
    response = as_alice.post(url, {"answers": [{"choice": 1}]}, content_type=JSON)
    assert (response.status_code, response.json()["status"]) == (202, "queued")
    assert response.json()["waiting_for"] is None
    assert response.json()["question"]["answer"]["answers"][0]["answer"] == "B"
    again = as_alice.post(url, {"answers": [{"choice": 0}]}, content_type=JSON)
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"answers": [{"choice": 2}]}, 400),
        ({"answers": [{"text": "C"}]}, 400),
        ({"answers": [{"choice": "first"}]}, 422),
        ({"answers": [{"choice": -1}]}, 422),
        ({"answers": "B"}, 422),
        ({"steps": ["\x00"]}, 422),
        ([], 422),
    ],
)
def test_a_wrong_answer_changes_nothing(
    as_alice: Client, waiting: Turn, body: object, status: int
) -> None:
    response = as_alice.post(f"/api/v1/turns/{waiting.id}/answer", body, content_type=JSON)
    assert response.status_code == status
    waiting.refresh_from_db()
    assert waiting.status == "waiting"


def test_a_turn_that_does_not_wait_takes_no_answer(
    as_alice: Client, conversation: Conversation
) -> None:
    turn = make_turn(conversation, status="running")
    response = as_alice.post(f"/api/v1/turns/{turn.id}/answer", {}, content_type=JSON)
    assert response.status_code == 409


def test_bob_cannot_answer(as_bob: Client, waiting: Turn) -> None:
    response = as_bob.post(f"/api/v1/turns/{waiting.id}/answer", {}, content_type=JSON)
    assert response.status_code == 404


def test_the_mode_of_a_message_becomes_the_conversations(
    as_alice: Client, conversation: Conversation, url: str
) -> None:
    response = as_alice.post(url, {"message": "Think", "mode": "plan"}, content_type=JSON)
    assert response.status_code == 202
    assert Turn.objects.get(pk=response.json()["id"]).mode == "plan"
    conversation.refresh_from_db()
    assert conversation.mode == "plan"
    wrong = as_alice.post(url, {"message": "Think", "mode": "dream"}, content_type=JSON)
    assert wrong.status_code == 422
