"""How many conversations one person keeps, and how long one of them may get."""

from __future__ import annotations

import pytest
from django.urls import reverse

from chat.models import Conversation, Turn
from chat.services import conversations, turns
from vibe.refusal import Refusal

pytestmark = pytest.mark.django_db


def test_a_person_keeps_only_so_many_conversations(alice, bob, settings):
    settings.CONVERSATIONS_PER_USER = 2
    first = conversations.create(alice)
    conversations.archive(conversations.create(alice))
    with pytest.raises(Refusal) as refused:
        conversations.create(alice)
    assert refused.value.message == "You have 2 conversations, which is the limit."
    assert "Delete some" in refused.value.hint
    assert refused.value.code == "limit"
    conversations.create(bob)
    conversations.delete(first)
    conversations.create(alice)


def test_no_limit_is_no_limit(alice, settings):
    settings.CONVERSATIONS_PER_USER = 0
    conversations.create(alice)
    assert Conversation.objects.count() == 1


def test_quotas_may_not_hold_for_administrators(admin_user, settings):
    settings.CONVERSATIONS_PER_USER = 1
    settings.ADMINISTRATORS_WITHOUT_QUOTAS = True
    conversations.create(admin_user)
    conversations.create(admin_user)


def test_the_page_says_that_there_are_too_many(alice, client, settings):
    settings.CONVERSATIONS_PER_USER = 1
    conversations.create(alice)
    client.force_login(alice)
    answer = client.post(reverse("chat:start"), {"message": "hello"}, follow=True)
    assert "You have 1 conversations, which is the limit." in answer.content.decode()


def test_the_api_refuses_one_too_many_with_429(as_alice, settings):
    settings.CONVERSATIONS_PER_USER = 1
    assert as_alice.post("/api/v1/conversations", {}, "application/json").status_code == 201
    refused = as_alice.post("/api/v1/conversations", {}, "application/json")
    assert refused.status_code == 429
    assert refused.json()["error"]["code"] == "limit"


def test_a_conversation_has_only_so_many_turns(alice, settings):
    settings.TURNS_PER_CONVERSATION = 1
    talk = conversations.create(alice)
    turn = turns.start_turn(talk, "hello", model="demo")
    Turn.objects.filter(pk=turn.pk).update(status="failed")
    for again in (
        lambda: turns.start_turn(talk, "hello", model="demo"),
        lambda: turns.retry_turn(turn),
    ):
        with pytest.raises(Refusal) as refused:
            again()
        assert refused.value.message == "This conversation has 1 turns, which is the limit."
        assert refused.value.hint == "Begin a new conversation."
    assert talk.turns.count() == 1
