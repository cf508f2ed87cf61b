"""Files that wait with a message while a turn is under way."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from chat.models import Attachment, QueuedMessage
from chat.services import conversations, delivery, queue, turns
from chat.services.attaching import attachments, intake, stored_files, sweeping
from chat.services.endings import end_turn
from vibe.refusal import Refusal


@pytest.fixture
def under_way(conversation):
    return turns.start_turn(conversation, "Build a shop")


@pytest.fixture
def waits(under_way, conversation, owner):
    one = intake.create(owner, "sales.csv", [b"a,b"])
    return queue.add(conversation, "", attached=[one.pk])


def test_files_alone_may_wait(waits, under_way):
    assert [one.name for one in waits.attachments.all()] == ["sales.csv"]
    assert under_way.conversation.turns.count() == 1


def test_the_turn_that_the_message_begins_has_them(waits, under_way, conversation):
    end_turn(under_way.pk, "completed")
    begun = delivery.go_on(conversation.pk)
    assert [one.name for one in attachments.of_turn(begun)] == ["sales.csv"]


def test_the_model_is_told_of_them_at_its_next_step(llmock, settings, conversation, owner):
    from chat.agent import runtime

    settings.OPENAI_BASE_URL = llmock.base_url("openai")
    llmock.tool_mode("off").reply("I see.")
    turn = turns.start_turn(conversation, "Look around", model="custom:mock")
    one = intake.create(owner, "sales.csv", [b"price,42"])
    queue.add(conversation, "And this", attached=[one.pk])

    runtime.run(turn.pk)

    said = json.dumps(llmock.last_request.body["messages"][-1])
    assert "And this" in said and "sales.csv" in said and "price,42" in said
    one.refresh_from_db()
    assert one.message is not None and one.message.turn == turn


def test_what_waits_is_neither_sent_with_another_message_nor_taken_back(waits, owner):
    one = Attachment.objects.get()
    with pytest.raises(Refusal, match="sent with a message before"):
        attachments.choose(owner.pk, [one.pk])
    with pytest.raises(Refusal, match="sent with a message before"):
        attachments.remove(one)


def test_what_waits_long_is_not_forgotten(waits):
    Attachment.objects.update(created_at=timezone.now() - timedelta(days=9))
    sweeping.forget_unsent()
    assert Attachment.objects.get().queued == waits


def test_files_go_with_a_message_that_is_taken_out(waits, django_capture_on_commit_callbacks):
    one = Attachment.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        queue.remove(waits)
    assert not Attachment.objects.exists()
    assert not stored_files.path_of(one.pk).exists()


def test_files_that_wait_go_with_their_conversation(
    waits, under_way, conversation, django_capture_on_commit_callbacks
):
    one = Attachment.objects.get()
    end_turn(under_way.pk, "stopped")
    with django_capture_on_commit_callbacks(execute=True):
        conversations.delete(conversation)
    assert not QueuedMessage.objects.exists()
    assert not stored_files.path_of(one.pk).exists()


def test_the_text_beside_files_may_be_taken_out_and_without_them_not(waits, conversation):
    queue.change(waits, text="Look")
    assert queue.change(waits, text="").text == ""
    with pytest.raises(Refusal, match="empty"):
        queue.change(queue.add(conversation, "x"), text="")
