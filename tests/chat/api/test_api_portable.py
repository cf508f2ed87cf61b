"""Export, import, archive and search over the API."""

from __future__ import annotations

import asyncio
import json
from unittest.mock import patch

import pytest
from django.test import Client

from chat.models import Conversation
from tests.fixtures.rows import make_conversation, make_turn
from vibe.accounts.models import User

URL = "/api/v1/conversations"
JSON = "application/json"


@pytest.fixture
def talk(alice: User) -> Conversation:
    found = make_conversation(alice)
    make_turn(found, answer="A needle")
    return found


async def _here(function, *args):
    return function(*args)


@pytest.mark.django_db(transaction=True)  # the loop has a connection of its own
def test_what_is_exported_can_be_imported(as_alice: Client, talk: Conversation) -> None:
    answer = as_alice.get(f"{URL}/{talk.pk}/export")
    assert answer["Content-Disposition"] == 'attachment; filename="a-todo-app.vibe.json"'

    async def collected() -> bytes:
        return b"".join([piece async for piece in answer.streaming_content])

    unsafe = patch.dict("os.environ", DJANGO_ALLOW_ASYNC_UNSAFE="1")
    with patch("chat.services.portability.exporting.in_thread", _here), unsafe:
        content = asyncio.run(collected())
    assert json.loads(content)["version"] == 1
    made = as_alice.post(f"{URL}/import", content, content_type=JSON)
    assert made.status_code == 201
    assert len(as_alice.get(f"{URL}/{made.json()['id']}").json()["messages"]) == 2


def test_a_file_that_is_none_is_a_400_that_says_where(as_alice: Client) -> None:
    answer = as_alice.post(f"{URL}/import", {"format": "vibe.conversation"}, content_type=JSON)
    assert answer.status_code == 400
    assert "title: Field required" in answer.json()["error"]["message"]


def test_what_is_somebody_elses_cannot_be_exported(as_bob: Client, talk: Conversation) -> None:
    assert as_bob.get(f"{URL}/{talk.pk}/export").status_code == 404


def test_an_archived_one_comes_back(as_alice: Client, talk: Conversation) -> None:
    for archived in (True, False):
        answer = as_alice.patch(f"{URL}/{talk.pk}", {"archived": archived}, content_type=JSON)
        assert answer.json()["archived"] is archived
        assert len(as_alice.get(f"{URL}?archived=true").json()["items"]) == archived
        assert len(as_alice.get(URL).json()["items"]) == (not archived)


def test_a_search_says_what_it_found_and_where(as_alice: Client, as_bob: Client, talk) -> None:
    address = "/api/v1/search/conversations?q=needle"
    (item,) = as_alice.get(address).json()["items"]
    assert item["conversation"]["id"] == talk.pk
    (excerpt,) = item["excerpts"]
    assert (excerpt["text"], excerpt["marks"]) == ("A needle", [[2, 8]])
    assert as_bob.get(address).json()["items"] == []


def test_a_search_without_words_is_invalid(as_alice: Client) -> None:
    assert as_alice.get("/api/v1/search/conversations").status_code == 422
