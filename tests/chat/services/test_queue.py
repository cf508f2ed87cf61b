"""Messages that wait: added while a turn is under way, changed, ordered, taken out."""

from __future__ import annotations

import pytest

from vibe.refusal import Refusal


@pytest.fixture
def queue():
    from chat.services import queue

    return queue


@pytest.fixture
def busy(conversation):
    """The conversation with a turn that waits for its worker."""
    from chat.services import turns

    turns.start_turn(conversation, "Build a shop")
    return conversation


def texts(queue, conversation) -> list[str]:
    return [row.text for row in queue.waiting(conversation)]


def test_a_message_waits_while_a_turn_is_under_way(busy, queue):
    waits = queue.add(busy, "  In blue  ")

    assert (waits.text, waits.when, waits.held) == ("In blue", "step", False)
    assert texts(queue, busy) == ["In blue"]
    assert busy.messages.count() == 2


def test_a_message_to_a_conversation_at_rest_begins_a_turn(conversation, queue):
    from chat.models import Turn

    started = queue.add(conversation, "Build a shop")

    assert isinstance(started, Turn)
    assert texts(queue, conversation) == []


def test_open_pages_hear_of_a_queue_that_has_changed(busy, queue):
    from chat.services.events import conversation_key
    from vibe.streams.stream import EventStream

    queue.add(busy, "In blue")

    assert {"type": "queue"} in [e for _, e in EventStream(conversation_key(busy.pk)).read()]


def test_only_so_many_messages_wait(busy, queue):
    for number in range(queue.LIMIT):
        queue.add(busy, f"Message {number}")

    with pytest.raises(Refusal) as refused:
        queue.add(busy, "One more")

    assert refused.value.code == "limit"
    assert "20 messages wait" in refused.value.message


@pytest.mark.parametrize("text", ["", " \n ", "x" * 100_001])
def test_an_empty_or_endless_message_does_not_wait(busy, queue, text):
    with pytest.raises(Refusal):
        queue.add(busy, text)
    assert texts(queue, busy) == []


def test_ten_thousand_characters_wait_as_they_are(busy, queue):
    long = "word " * 2000

    queue.add(busy, long)

    assert texts(queue, busy) == [long.strip()]


def test_a_waiting_undo_is_a_turn_of_its_own(busy, queue):
    assert queue.add(busy, "Undo", when="step").when == "turn"


def test_a_change_says_which_state_it_has_seen(busy, queue):
    waits = queue.add(busy, "In blue")
    queue.change(waits, text="In red", revision=1)

    with pytest.raises(Refusal) as refused:
        queue.change(waits, text="In green", revision=1)

    assert refused.value.code == "conflict"
    assert "changed in another tab" in refused.value.message
    assert texts(queue, busy) == ["In red"]


def test_messages_are_put_in_order(busy, queue):
    one, two, three = (queue.add(busy, text) for text in ("one", "two", "three"))

    queue.reorder(busy, [three.pk, one.pk, two.pk])
    queue.move(two, -1)

    assert texts(queue, busy) == ["three", "two", "one"]


def test_an_order_with_an_unknown_message_is_not_found(busy, queue):
    one = queue.add(busy, "one")

    with pytest.raises(Refusal) as refused:
        queue.reorder(busy, [one.pk, "queued_unknown"])

    assert refused.value.code == "not_found"


def test_an_order_that_lacks_a_message_of_another_tab_is_a_conflict(busy, queue):
    one = queue.add(busy, "one")
    queue.add(busy, "two")

    with pytest.raises(Refusal) as refused:
        queue.reorder(busy, [one.pk])

    assert refused.value.code == "conflict"


def test_another_users_message_is_not_found(busy, queue, django_user_model):
    waits = queue.add(busy, "In blue")
    bob = django_user_model.objects.create_user("bob")

    with pytest.raises(Refusal) as refused:
        queue.get_for(bob, waits.pk)

    assert refused.value.code == "not_found"


def test_who_takes_out_a_message_that_was_just_sent_is_told_so(busy, queue):
    from chat.models import Turn
    from chat.services import delivery
    from chat.services.endings import end_turn

    waits = queue.add(busy, "In blue")
    end_turn(busy.turns.get().pk, Turn.Status.COMPLETED)
    delivery.go_on(busy.pk)

    with pytest.raises(Refusal) as refused:
        queue.remove(waits)

    assert refused.value.code == "conflict"
    assert "has just been sent" in refused.value.message


def test_a_conversation_is_deleted_with_what_waits_in_it(busy, queue):
    from chat.models import QueuedMessage, Turn
    from chat.services import conversations
    from chat.services.endings import end_turn

    queue.add(busy, "In blue")
    end_turn(busy.turns.get().pk, Turn.Status.STOPPED)
    conversations.delete(busy)

    assert not QueuedMessage.objects.exists()
