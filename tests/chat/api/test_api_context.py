"""What the model is sent, summaries, memory and instructions over the API."""

from __future__ import annotations

import pytest
from django.test import Client

from chat.models import Conversation, Summary
from chat.services import conversations
from chat.services.context import context_use, user_instructions
from tests.fixtures.people import client_of
from tests.fixtures.rows import make_conversation, make_turn
from vibe.accounts.models import User

JSON = "application/json"


@pytest.fixture
def conversation(alice: User) -> Conversation:
    return make_conversation(alice)


@pytest.fixture
def summary(conversation: Conversation) -> Summary:
    turn = make_turn(conversation)
    return Summary.objects.create(
        conversation=conversation, through=turn, steps=2, turns=1, text="A shop.", said=["Build it"]
    )


def test_before_the_first_request_there_is_nothing_to_tell(
    as_alice: Client, conversation: Conversation
) -> None:
    response = as_alice.get(f"/api/v1/conversations/{conversation.pk}/context")
    assert response.status_code == 200
    assert response.json() == {"last_request": None, "summaries": []}


def test_the_context_tells_tokens_by_kind_and_the_summaries(
    as_alice: Client, conversation: Conversation, summary: Summary
) -> None:
    kinds = {"system": 100, "memory": 0, "tools": 200, "history": 300, "summary": 400}
    context_use.record(conversation.pk, "custom:m", 8_000, kinds, counted=2_000, cached=500)
    told = as_alice.get(f"/api/v1/conversations/{conversation.pk}/context").json()
    use = told["last_request"]
    assert (use["tokens"], use["free"], use["cached"], use["tools"]) == (2_000, 6_000, 500, 400)
    assert [one["id"] for one in told["summaries"]] == [summary.pk]


def test_a_summary_can_be_read_and_changed(as_alice: Client, summary: Summary) -> None:
    url = f"/api/v1/summaries/{summary.pk}"
    assert as_alice.get(url).json()["text"] == "A shop."
    response = as_alice.patch(url, {"text": "A bakery."}, content_type=JSON)
    assert response.status_code == 200
    assert (response.json()["text"], response.json()["author"]) == ("A bakery.", "person")


@pytest.mark.parametrize(
    ("body", "status"),
    [({"text": "  "}, 400), ({"text": "x" * 40_001}, 422), ({}, 422), ({"text": "a\0b"}, 422)],
)
def test_a_summary_that_cannot_be_is_refused(
    as_alice: Client, summary: Summary, body: dict, status: int
) -> None:
    url = f"/api/v1/summaries/{summary.pk}"
    assert as_alice.patch(url, body, content_type=JSON).status_code == status
    summary.refresh_from_db()
    assert summary.text == "A shop."


def test_without_a_sandbox_there_is_no_memory(as_alice: Client, conversation: Conversation) -> None:
    url = f"/api/v1/conversations/{conversation.pk}/memory"
    assert as_alice.get(url).status_code == 409
    assert as_alice.post(url, {"words": "Use tabs."}, content_type=JSON).status_code == 409


def test_instructions_are_kept_and_bounded(as_alice: Client, alice: User) -> None:
    url = "/api/v1/instructions"
    assert as_alice.get(url).json() == {"text": ""}
    assert as_alice.put(url, {"text": "In verse."}, content_type=JSON).status_code == 200
    assert as_alice.put(url, {"text": "x" * 8_001}, content_type=JSON).status_code == 422
    assert user_instructions.of(alice) == "In verse."


def test_bob_gets_404_from_all(
    as_bob: Client, conversation: Conversation, summary: Summary
) -> None:
    at = f"/api/v1/conversations/{conversation.pk}"
    change = {"text": "Mine.", "path": "AGENTS.md", "words": "Mine."}
    assert [as_bob.get(f"{at}/{name}").status_code for name in ("context", "memory", "skills")] == [
        404
    ] * 3
    assert (
        as_bob.put(f"{at}/memory", {"text": "", "path": "AGENTS.md"}, content_type=JSON).status_code
        == 404
    )
    assert as_bob.post(f"{at}/memory", {"words": "Mine."}, content_type=JSON).status_code == 404
    assert as_bob.get(f"/api/v1/summaries/{summary.pk}").status_code == 404
    url = f"/api/v1/summaries/{summary.pk}"
    assert as_bob.patch(url, {"text": change["text"]}, content_type=JSON).status_code == 404


@pytest.mark.sandbox
def test_the_memory_is_written_over_the_version_that_was_read(owner: User, sandbox) -> None:
    client = client_of(owner, "chat")
    found = make_conversation(owner)
    conversations.use_sandbox(found.pk, sandbox.pk)
    url = f"/api/v1/conversations/{found.pk}/memory"

    assert client.post(url, {"words": "Use tabs."}, content_type=JSON).status_code == 201
    agents, claude = client.get(url).json()["files"]
    assert ("- Use tabs." in agents["text"], claude["version"]) == (True, "")

    body = {"path": "AGENTS.md", "text": "Mine\n", "version": agents["version"]}
    assert client.put(url, body, content_type=JSON).status_code == 200
    assert client.put(url, body, content_type=JSON).status_code == 409
    assert client.put(url, {"path": "x.md", "text": ""}, content_type=JSON).status_code == 422
    assert client.get(url).json()["files"][0]["text"] == "Mine\n"


SKILL = "---\nname: deploy\ndescription: How to deploy\n---\nPush it."


def test_skills_are_added_changed_and_deleted(as_alice: Client) -> None:
    url = "/api/v1/skills"
    made = as_alice.post(url, {"text": SKILL}, content_type=JSON)
    assert (made.status_code, made.json()["name"]) == (201, "deploy")
    assert as_alice.post(url, {"text": SKILL}, content_type=JSON).status_code == 409
    assert as_alice.post(url, {"text": "Push it."}, content_type=JSON).status_code == 400
    one = f"{url}/{made.json()['id']}"
    changed = as_alice.put(one, {"text": SKILL.replace("Push", "Pull")}, content_type=JSON)
    assert (changed.status_code, "Pull it." in changed.json()["text"]) == (200, True)
    assert as_alice.delete(one).status_code == 204
    assert as_alice.get(url).json() == []


def test_skills_of_another_user_are_not_there(as_alice: Client, as_bob: Client) -> None:
    made = as_alice.post("/api/v1/skills", {"text": SKILL}, content_type=JSON).json()
    assert (
        as_bob.put(f"/api/v1/skills/{made['id']}", {"text": SKILL}, content_type=JSON).status_code
        == 404
    )
    assert as_bob.delete(f"/api/v1/skills/{made['id']}").status_code == 404
    assert as_bob.get("/api/v1/skills").json() == []


def test_a_conversation_lists_the_skills_that_its_model_is_told_of(
    as_alice: Client, conversation: Conversation
) -> None:
    as_alice.post("/api/v1/skills", {"text": SKILL}, content_type=JSON)
    (told,) = as_alice.get(f"/api/v1/conversations/{conversation.pk}/skills").json()
    assert told == {"name": "deploy", "description": "How to deploy", "origin": "user"}
