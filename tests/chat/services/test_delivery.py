"""Waiting messages reach the model once: in the turn under way, or as the turn after it."""

from __future__ import annotations

import pytest

from chat.models import QueuedMessage, Turn


@pytest.fixture
def mock(llmock, settings):
    """A model server; its model is `custom:mock`."""
    settings.OPENAI_BASE_URL = llmock.base_url("openai")
    return llmock.tool_mode("off")


@pytest.fixture
def begun(conversation):
    """A turn of the mock model that waits for its worker."""
    from chat.services import turns

    return turns.start_turn(conversation, "Look around", model="custom:mock")


@pytest.fixture
def during(monkeypatch):
    """Calls a function while the turn's first tool is at work."""

    def arrange(act) -> None:
        from chat.services import journal

        kept = journal.Journal.keep

        def keep(self, *args, **kwargs):
            kept(self, *args, **kwargs)
            monkeypatch.setattr(journal.Journal, "keep", kept)
            act()

        monkeypatch.setattr(journal.Journal, "keep", keep)

    return arrange


def thread(conversation) -> list[tuple[str, str]]:
    found = conversation.messages.order_by("position").prefetch_related("parts")
    return [
        (message.role, " ".join(part.text or part.tool for part in message.parts.all()))
        for message in found
    ]


def run(turn) -> Turn:
    from chat.agent import runtime

    runtime.run(turn.pk)
    turn.refresh_from_db()
    return turn


def test_the_model_hears_of_a_waiting_message_at_its_next_step(mock, begun, conversation, during):
    from chat.services import queue

    mock.call_tool("list_files", {"path": "src"})
    mock.reply("There is nothing, in blue.")
    during(lambda: queue.add(conversation, "In blue"))

    turn = run(begun)

    sent = mock.last_request.body["messages"]
    assert [m["role"] for m in sent] == ["system", "user", "assistant", "tool", "user"]
    assert sent[-1]["content"] == "In blue"
    assert (turn.status, conversation.turns.count()) == ("completed", 1)


def test_it_stands_in_the_thread_where_the_model_has_heard_it(mock, begun, conversation, during):
    from chat.services import queue

    mock.call_tool("list_files", {"path": "src"})
    mock.reply("There is nothing, in blue.")
    during(lambda: queue.add(conversation, "In blue"))

    run(begun)

    assert thread(conversation) == [
        ("user", "Look around"),
        ("assistant", "list_files"),
        ("user", "In blue"),
        ("assistant", "There is nothing, in blue."),
    ]


def test_later_turns_are_told_of_it_too(mock, begun, conversation, during, say):
    from chat.services import queue

    mock.call_tool("list_files", {"path": "src"})
    mock.reply("There is nothing, in blue.").reply("You are welcome.")
    during(lambda: queue.add(conversation, "In blue"))
    run(begun)

    say("Thank you", model="custom:mock")

    said = [m["content"] for m in mock.last_request.body["messages"] if m["role"] == "user"]
    assert said == ["Look around", "In blue", "Thank you"]


def test_a_message_from_before_the_first_step_comes_before_the_answer(mock, begun, conversation):
    from chat.services import queue

    queue.add(conversation, "In blue")
    mock.reply("Yes.")

    run(begun)

    assert thread(conversation) == [
        ("user", "Look around"),
        ("user", "In blue"),
        ("assistant", "Yes."),
    ]


def test_one_for_after_the_turn_begins_the_next_turn_by_itself(mock, begun, conversation):
    from chat.services import queue

    queue.add(conversation, "Then in blue", when="turn")
    queue.add(conversation, "Then in red", when="turn")
    mock.reply("Yes.")

    run(begun)

    following = conversation.turns.get(status="queued")
    assert following.messages.get(role="user").parts.get().text == "Then in blue"
    assert [row.text for row in queue.waiting(conversation)] == ["Then in red"]


def test_one_that_came_too_late_for_the_last_step_begins_the_next_turn(mock, begun, conversation):
    from chat.services import endings, queue

    mock.reply("Yes.")
    said = endings.announcing.announce
    try:
        # The turn has ended, and nobody has looked at the queue since.
        endings.announcing.announce = lambda *_: QueuedMessage.objects.create(
            conversation=conversation, text="In blue", position=0
        )
        run(begun)
    finally:
        endings.announcing.announce = said

    assert conversation.turns.filter(status="queued").count() == 1
    assert not queue.waiting(conversation).exists()


@pytest.mark.parametrize("status", ["stopped", "failed"])
def test_after_a_stop_or_failure_messages_wait_for_the_person(begun, conversation, status):
    from chat.services import delivery, queue
    from chat.services.endings import end_turn

    waits = queue.add(conversation, "In blue")
    end_turn(begun.pk, status)

    assert delivery.go_on(conversation.pk) is None
    waits.refresh_from_db()
    assert (waits.held, waits.sent_at) == (True, None)


def test_a_turn_that_completes_though_it_was_to_stop_holds_them_back_too(begun, conversation):
    from chat.services import delivery, queue
    from chat.services.endings import end_turn

    queue.add(conversation, "In blue")
    Turn.objects.filter(pk=begun.pk).update(stop_after_step_at=begun.created_at)
    end_turn(begun.pk, "completed")

    assert delivery.go_on(conversation.pk) is None


def test_a_message_that_was_held_back_is_sent_by_hand_and_the_others_follow(begun, conversation):
    from chat.services import delivery, queue
    from chat.services.endings import end_turn

    queue.add(conversation, "In blue")
    second = queue.add(conversation, "In red")
    end_turn(begun.pk, "stopped")

    sent = delivery.send(second)

    assert sent.messages.get(role="user").parts.get().text == "In red"
    assert [(row.text, row.held) for row in queue.waiting(conversation)] == [("In blue", False)]


def test_two_who_go_on_at_once_begin_one_turn(begun, conversation):
    from chat.services import delivery, queue
    from chat.services.endings import end_turn

    queue.add(conversation, "In blue")
    end_turn(begun.pk, "completed")

    assert delivery.go_on(conversation.pk) is not None
    assert delivery.go_on(conversation.pk) is None
    assert delivery.go_on_all() == 0
    assert conversation.turns.count() == 2


def test_what_a_worker_died_over_begins_later(begun, conversation):
    from chat.services import delivery, queue
    from chat.services.endings import end_turn

    queue.add(conversation, "In blue")
    end_turn(begun.pk, "completed")  # and the worker is gone before it goes on

    assert delivery.go_on_all() == 1


def test_a_turn_that_ends_between_the_message_and_the_model_tells_it_when_tried_again(
    mock, begun, conversation, monkeypatch
):
    """The worker ends right behind the transaction that sends the message."""
    from chat.services import delivery, queue, turns
    from chat.services.endings import end_turn

    queue.add(conversation, "In blue")
    claimed = turns.claim(begun.pk)
    told = delivery.Telling(lambda queued: queued.text, _request)
    waits = queue.waiting(conversation).values_list("pk", flat=True)
    delivery.deliver(claimed, [_request("Look around")], told, among=waits)
    end_turn(begun.pk, "failed")
    mock.reply("Yes, in blue.")

    run(turns.retry_turn(begun))

    said = [m["content"] for m in mock.last_request.body["messages"] if m["role"] == "user"]
    assert "\n".join(map(str, said)).count("In blue") == 1
    assert not queue.waiting(conversation).exists()


def _request(text: str):
    from chat.agent import story

    return story.said(text)


def test_a_message_is_not_sent_into_a_turn_that_has_ended(begun, conversation):
    from chat.services import delivery, queue
    from chat.services.endings import end_turn

    waits = queue.add(conversation, "In blue")
    end_turn(begun.pk, "failed")
    QueuedMessage.objects.update(held=False)

    told = delivery.Telling(lambda queued: queued.text, _request)
    assert delivery.deliver(begun, [], told, among=[waits.pk]) is None
    waits.refresh_from_db()
    assert waits.sent_at is None


def test_a_turn_that_is_to_stop_after_its_step_ends_there(mock, begun, conversation, during):
    from chat.services import queue, stopping

    mock.call_tool("list_files", {"path": "src"})
    mock.reply("Never said.")
    queued = []

    def stop() -> None:
        queued.append(queue.add(conversation, "In blue"))
        stopping.stop_turn(begun, after_step=True)

    during(stop)

    turn = run(begun)

    assert (turn.status, len(mock.requests)) == ("stopped", 1)
    queued[0].refresh_from_db()
    assert (queued[0].held, queued[0].sent_at) == (True, None)


def test_a_waiting_message_goes_by_the_effort_of_its_moment(begun, conversation):
    from chat.services import delivery, queue
    from chat.services.endings import end_turn
    from chat.services.offered_models import choices

    queue.add(conversation, "And then this", when="turn", effort="high")
    choices.choose(conversation, effort="low")
    end_turn(begun.pk, "completed")

    following = delivery.go_on(conversation.pk)

    assert following is not None and following.effort == "low"


def test_a_message_that_need_not_wait_takes_its_effort_with_it(conversation):
    from chat.services import queue

    assert queue.add(conversation, "Look around", effort="high").effort == "high"
