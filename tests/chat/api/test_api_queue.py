"""Messages that wait: sent while a turn is under way, read, changed, ordered, taken out."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from chat.models import Conversation, QueuedMessage, Turn
from tests.fixtures.rows import make_conversation, make_turn
from vibe.accounts.models import User

JSON = "application/json"


@pytest.fixture
def conversation(alice: User) -> Conversation:
    return make_conversation(alice)


@pytest.fixture
def busy(conversation: Conversation) -> Turn:
    return make_turn(conversation, status="running")


@pytest.fixture
def ask(as_alice: Client, conversation: Conversation) -> Any:
    def send(text: str, **more: Any) -> Any:
        data = {"message": text, "queue": True, **more}
        url = f"/api/v1/conversations/{conversation.id}/turns"
        return as_alice.post(url, data, content_type=JSON)

    return send


def listed(client: Client, conversation: Conversation) -> list[str]:
    items = client.get(f"/api/v1/conversations/{conversation.id}/queue").json()["items"]
    return [item["message"] for item in items]


def test_a_message_waits_while_the_model_works(ask: Any, busy: Turn) -> None:
    response = ask("In blue")
    assert response.status_code == 202
    said = response.json()
    assert said["id"].startswith("queued_")
    assert (said["status"], said["message"], said["when"]) == ("queued_message", "In blue", "step")


def test_a_message_to_a_conversation_at_rest_starts_a_turn(
    ask: Any, conversation: Conversation
) -> None:
    response = ask("Build it")
    assert response.status_code == 202
    assert response.json() == {"id": conversation.turns.get().id, "status": "queued"}


def test_an_unknown_moment_is_refused(ask: Any, busy: Turn) -> None:
    assert ask("In blue", when="never").status_code == 422


def test_the_twenty_first_is_refused_in_words(ask: Any, busy: Turn) -> None:
    for number in range(20):
        assert ask(f"Message {number}").status_code == 202
    response = ask("One more")
    assert response.status_code == 429
    assert "20 messages wait" in response.json()["error"]["message"]


def test_a_change_is_made_once_per_state(as_alice: Client, ask: Any, busy: Turn) -> None:
    url = f"/api/v1/queued-messages/{ask('In blue').json()['id']}"
    change = {"message": "In red", "when": "turn", "revision": 1}
    first = as_alice.patch(url, change, content_type=JSON)
    second = as_alice.patch(url, change, content_type=JSON)
    assert first.status_code == 200
    assert (first.json()["message"], first.json()["revision"]) == ("In red", 2)
    assert second.status_code == 409


def test_the_order_is_changed(
    as_alice: Client, ask: Any, busy: Turn, conversation: Conversation
) -> None:
    one, two = ask("one").json()["id"], ask("two").json()["id"]
    url = f"/api/v1/conversations/{conversation.id}/queue"
    assert as_alice.put(url, {"ids": [two, one]}, content_type=JSON).status_code == 200
    assert listed(as_alice, conversation) == ["two", "one"]
    assert as_alice.put(url, {"ids": [two, "queued_x"]}, content_type=JSON).status_code == 404
    assert as_alice.put(url, {"ids": [two]}, content_type=JSON).status_code == 409


def test_one_that_is_taken_out_is_gone(
    as_alice: Client, ask: Any, busy: Turn, conversation: Conversation
) -> None:
    url = f"/api/v1/queued-messages/{ask('In blue').json()['id']}"
    assert as_alice.delete(url).status_code == 204
    assert as_alice.delete(url).status_code == 404
    assert listed(as_alice, conversation) == []


def test_one_that_was_sent_says_as_what_and_is_changed_no_more(
    as_alice: Client, ask: Any, busy: Turn, conversation: Conversation
) -> None:
    from chat.services import delivery
    from chat.services.endings import end_turn

    url = f"/api/v1/queued-messages/{ask('In blue').json()['id']}"
    end_turn(busy.pk, "completed")
    turn = delivery.go_on(conversation.pk)
    assert turn is not None

    said = as_alice.get(url).json()

    assert (said["status"], said["turn_id"]) == ("sent", turn.pk)
    assert said["message_id"] == turn.messages.get(role="user").pk
    assert as_alice.delete(url).status_code == 409
    assert as_alice.patch(url, {"message": "x"}, content_type=JSON).status_code == 409
    assert as_alice.post(f"{url}/send").status_code == 409


def test_one_that_is_held_back_is_sent(as_alice: Client, ask: Any, busy: Turn) -> None:
    from chat.services.endings import end_turn

    url = f"/api/v1/queued-messages/{ask('In blue').json()['id']}"
    end_turn(busy.pk, "stopped")
    assert as_alice.get(url).json()["status"] == "held"
    response = as_alice.post(f"{url}/send")
    assert response.status_code == 202
    assert response.json()["status"] == "sent"


def test_a_stop_after_the_step_leaves_the_turn_running(as_alice: Client, busy: Turn) -> None:
    from chat.services import workers

    Turn.objects.filter(pk=busy.pk).update(worker=workers.current())
    url = f"/api/v1/turns/{busy.id}/stop?after_step=true"
    assert as_alice.post(url).json()["status"] == "running"
    busy.refresh_from_db()
    assert busy.stop_after_step_at is not None
    assert busy.stop_requested_at is None


def test_bob_gets_404_from_all(
    as_bob: Client, ask: Any, busy: Turn, conversation: Conversation
) -> None:
    waits = ask("In blue").json()["id"]
    url = f"/api/v1/queued-messages/{waits}"
    order = f"/api/v1/conversations/{conversation.id}/queue"
    assert as_bob.get(url).status_code == 404
    assert as_bob.patch(url, {"message": "x"}, content_type=JSON).status_code == 404
    assert as_bob.delete(url).status_code == 404
    assert as_bob.post(f"{url}/send").status_code == 404
    assert as_bob.get(order).status_code == 404
    assert as_bob.put(order, {"ids": [waits]}, content_type=JSON).status_code == 404
    assert QueuedMessage.objects.get().text == "In blue"
