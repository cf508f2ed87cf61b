"""Conversations: list, begin, read, change, delete."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from chat.models import Conversation
from tests.fixtures.rows import make_conversation, make_turn
from vibe.accounts.models import User

URL = "/api/v1/conversations"
JSON = "application/json"


@pytest.fixture
def conversation(alice: User) -> Conversation:
    return make_conversation(alice)


@pytest.fixture
def url(conversation: Conversation) -> str:
    return f"{URL}/{conversation.id}"


def test_begin_works(as_alice: Client, alice: User) -> None:
    response = as_alice.post(URL, {"title": "Shop", "model": "demo"}, content_type=JSON)
    assert response.status_code == 201
    made = Conversation.objects.get(pk=response.json()["id"])
    assert (made.owner, made.title, made.model) == (alice, "Shop", "demo")


def test_begin_works_without_a_body(as_alice: Client) -> None:
    assert as_alice.post(URL, content_type=JSON).status_code == 201


def test_list_works(as_alice: Client, conversation: Conversation) -> None:
    (item,) = as_alice.get(URL).json()["items"]
    assert (item["id"], item["title"], item["archived"]) == (conversation.id, "A todo app", False)


def test_read_has_messages_with_their_parts(
    as_alice: Client, conversation: Conversation, url: str
) -> None:
    turn = make_turn(conversation)
    answer = as_alice.get(url).json()
    assert [(m["role"], m["parts"][0]["text"]) for m in answer["messages"]] == [
        ("user", "Build it"),
        ("assistant", "Done."),
    ]
    assert answer["messages"][0]["turn_id"] == turn.id
    assert [(t["id"], t["status"]) for t in answer["turns"]] == [(turn.id, "completed")]


def test_more_messages_are_not_more_queries(
    as_alice: Client, conversation: Conversation, url: str, django_assert_max_num_queries: Any
) -> None:
    as_alice.get(url)
    for _ in range(10):
        make_turn(conversation)
    with django_assert_max_num_queries(9):
        assert len(as_alice.get(url).json()["messages"]) == 20


def test_patch_changes_title_and_model(as_alice: Client, url: str) -> None:
    response = as_alice.patch(url, {"title": "Shop", "model": "openai:x"}, content_type=JSON)
    assert (response.json()["title"], response.json()["model"]) == ("Shop", "openai:x")


def test_patch_archives(as_alice: Client, url: str) -> None:
    assert as_alice.patch(url, {"archived": True}, content_type=JSON).json()["archived"] is True
    assert as_alice.get(URL).json()["items"] == []


def test_delete_works(as_alice: Client, url: str) -> None:
    assert as_alice.delete(url).status_code == 204
    assert as_alice.get(url).status_code == 404


def test_delete_waits_for_the_model(as_alice: Client, conversation: Conversation, url: str) -> None:
    make_turn(conversation, status="running")
    assert as_alice.delete(url).status_code == 409


def test_bob_gets_404_from_all(as_bob: Client, url: str, conversation: Conversation) -> None:
    assert as_bob.get(url).status_code == 404
    assert as_bob.patch(url, {"title": "mine"}, content_type=JSON).status_code == 404
    assert as_bob.delete(url).status_code == 404
    assert as_bob.get(URL).json()["items"] == []
    conversation.refresh_from_db()
    assert conversation.title == "A todo app"


def test_conversations_are_found_by_their_title(as_alice: Client, alice: User) -> None:
    make_conversation(alice)
    found = as_alice.get("/api/v1/conversations?title=TODO").json()["items"]
    assert [one["title"] for one in found] == ["A todo app"]
    assert as_alice.get("/api/v1/conversations?title=chess").json()["items"] == []


def test_patch_changes_mode_and_approval(as_alice: Client, url: str) -> None:
    body = {"mode": "plan", "approval": "always"}
    said = as_alice.patch(url, body, content_type=JSON).json()
    assert (said["mode"], said["approval"], said["allowed"]) == ("plan", "always", [])
    assert as_alice.patch(url, {"approval": "maybe"}, content_type=JSON).status_code == 422
