"""Forks on the pages."""

from __future__ import annotations

import pytest
from django.test import Client

from chat.models import Conversation, Version
from sandboxes.models import Checkpoint
from tests.fixtures.rows import make_conversation, make_sandbox, make_turn
from vibe.accounts.models import User


@pytest.fixture
def conversation(alice: User) -> Conversation:
    found = make_conversation(alice)
    make_turn(found)
    return found


def test_each_message_can_be_forked_from_without_scripts(page: Client, conversation) -> None:
    body = page.get(f"/c/{conversation.pk}/").content.decode()
    for message in conversation.messages.all():
        assert f'action="/messages/{message.pk}/fork/"' in body


def test_a_fork_and_its_source_link_to_each_other(page: Client, conversation) -> None:
    message = conversation.messages.last()
    made = page.post(f"/messages/{message.pk}/fork/").url
    assert f"/c/{conversation.pk}/#{message.pk}" in page.get(made).content.decode()
    assert f'href="{made}"' in page.get(f"/c/{conversation.pk}/").content.decode()


def test_nobody_elses_message_can_be_forked_from(other: Client, conversation) -> None:
    assert other.post(f"/messages/{conversation.messages.last().pk}/fork/").status_code == 404
    assert Conversation.objects.count() == 1


def test_a_conversation_whose_sandbox_is_deleted_offers_a_new_one(page, conversation) -> None:
    sandbox = make_sandbox(conversation.owner)
    conversation.sandbox = sandbox
    conversation.save()
    kept = Checkpoint.objects.create(sandbox=sandbox, node="local", status="made")
    Version.objects.create(conversation=conversation, checkpoint=kept)
    button = "New sandbox with these files"
    assert button not in page.get(f"/c/{conversation.pk}/").content.decode()
    sandbox.deleted_at = sandbox.created_at
    sandbox.save()
    assert button in page.get(f"/c/{conversation.pk}/").content.decode()
