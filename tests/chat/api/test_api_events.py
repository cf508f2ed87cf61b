from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from django.test import Client

from chat.models import Conversation, Part, Turn
from chat.services.events import turn_key
from tests.fixtures.rows import make_conversation, make_turn
from tests.fixtures.streamed import content_of
from vibe.accounts.models import User
from vibe.streams.stream import EventStream

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def conversation(alice: User) -> Conversation:
    return make_conversation(alice)


@pytest.fixture
def turn(conversation: Conversation) -> Turn:
    return make_turn(conversation, status="running")


def end(turn: Turn, stream: EventStream) -> None:
    Turn.objects.filter(pk=turn.pk).update(status="completed")
    stream.append(type="turn", status="completed")


def events(client: Client, turn: Turn, **headers: str) -> list[tuple[int | None, dict[str, Any]]]:
    """(id, data) of every event until the server ends the stream."""
    response = client.get(f"/api/v1/turns/{turn.id}/events", headers=headers)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/event-stream"
    found = []
    for block in content_of(response).decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if line[:1] != ":")
        if "data" in fields:
            data = json.loads(fields["data"])
            assert fields["event"] == data["type"]
            found.append((int(fields["id"]) if "id" in fields else None, data))
    return found


@pytest.fixture
def stream(turn: Turn) -> EventStream:
    part = Part.objects.get(message__turn=turn, message__role="assistant")
    stream = EventStream(turn_key(turn.pk))
    stream.append(type="part", part=part.pk, message=part.message_id)
    stream.append(type="text", part=part.pk, offset=0, delta="Done\n\n.")
    return stream


def test_it_works(as_alice: Client, turn: Turn, stream: EventStream) -> None:
    end(turn, stream)
    found = events(as_alice, turn)
    assert [number for number, _ in found] == [1, 2, 3]
    assert [data["type"] for _, data in found] == ["part", "text", "turn"]
    assert found[0][1]["content"]["text"] == "Done."
    assert found[1][1]["delta"] == "Done\n\n."
    assert found[2][1]["status"] == "completed"


def test_last_event_id_resumes_after_it(as_alice: Client, turn: Turn, stream: EventStream) -> None:
    end(turn, stream)
    assert [number for number, _ in events(as_alice, turn, **{"Last-Event-ID": "2"})] == [3]


def test_what_happens_later_is_sent_too(as_alice: Client, turn: Turn, stream: EventStream) -> None:
    def later() -> None:
        stream.append(type="text", part="p", offset=7, delta="more")
        stream.append(type="turn", status="completed")

    timer = threading.Timer(0.2, later)
    timer.start()
    try:
        found = events(as_alice, turn)
    finally:
        timer.join(5)
    assert [data["type"] for _, data in found] == ["part", "text", "text", "turn"]


def test_an_ended_turn_that_redis_forgot_is_told_from_the_rows(
    as_alice: Client, conversation: Conversation
) -> None:
    turn = make_turn(conversation, status="failed", answer="I tried.")
    found = [data for _, data in events(as_alice, turn)]
    assert [data["type"] for data in found] == ["part", "part", "turn"]
    assert found[1]["content"]["text"] == "I tried."
    assert found[2]["status"] == "failed"


def test_a_cursor_that_is_no_number_is_refused(as_alice: Client, turn: Turn) -> None:
    url = f"/api/v1/turns/{turn.id}/events"
    assert as_alice.get(url, headers={"Last-Event-ID": "x"}).status_code == 400
    assert as_alice.get(f"{url}?after=-1").status_code == 422


def test_bob_gets_404(as_bob: Client, turn: Turn) -> None:
    assert as_bob.get(f"/api/v1/turns/{turn.id}/events").status_code == 404
