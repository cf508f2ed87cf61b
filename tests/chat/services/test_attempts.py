"""Earlier attempts: set aside, kept, brought back; the model hears of those that hold."""

from __future__ import annotations

import pytest

from vibe.refusal import Refusal


@pytest.fixture
def attempts():
    from chat.services.branching import attempts

    return attempts


@pytest.fixture
def finished(conversation):
    """Begins a turn and ends it, without any model; returns it."""
    from chat.services import turns
    from chat.services.endings import end_turn

    def make(text: str):
        turn = turns.start_turn(conversation, text)
        story = [{"kind": "request", "said": text}, {"kind": "response", "said": f"to {text}"}]
        end_turn(turn.pk, "completed", columns={"history": story})
        turn.refresh_from_db()
        return turn

    return make


def ended(turn):
    from chat.services.endings import end_turn

    story = [{"kind": "request", "said": turn.pk}, {"kind": "response", "said": "yes"}]
    end_turn(turn.pk, "completed", columns={"history": story})
    turn.refresh_from_db()
    return turn


def message_of(turn):
    return turn.messages.filter(role="user").first()


def heard(turn) -> list[str]:
    from chat.services.context import history

    return [m["said"] for m in history.before(turn) if m["kind"] == "request"]


def live(conversation) -> list[str]:
    return list(conversation.turns.filter(superseded_by=None).values_list("pk", flat=True))


def test_an_edited_message_sets_its_turn_and_all_later_ones_aside(finished, attempts, conversation):
    first, second, third = map(finished, ("one", "two", "three"))

    instead = attempts.resend(message_of(second), "Two, in blue")

    assert live(conversation) == [first.pk, instead.pk]
    assert heard(instead) == ["one"]
    assert message_of(instead).parts.get().text == "Two, in blue"
    third.refresh_from_db()
    assert third.superseded_by == instead


def test_an_answer_is_made_anew_by_another_model(finished, attempts, conversation):
    turn = finished("one")

    anew = attempts.regenerate(turn, model="custom:llama")

    assert (anew.model, message_of(anew).parts.get().text) == ("custom:llama", "one")
    assert live(conversation) == [anew.pk]


def test_only_the_last_answer_is_made_anew(finished, attempts):
    first = finished("one")
    finished("two")

    with pytest.raises(Refusal) as refused:
        attempts.regenerate(first)

    assert refused.value.code == "conflict"


def test_nothing_is_set_aside_while_the_model_is_at_work(finished, attempts, conversation):
    from chat.services import turns

    first = finished("one")
    turns.start_turn(conversation, "two")

    with pytest.raises(Refusal) as refused:
        attempts.resend(message_of(first), "x")

    assert refused.value.code == "conflict"
    first.refresh_from_db()
    assert first.superseded_by is None


def test_an_attempt_is_brought_back_and_the_later_one_set_aside(finished, attempts, conversation):
    first, second = map(finished, ("one", "two"))
    instead = ended(attempts.resend(message_of(first), "One, in blue"))

    attempts.bring_back(second)

    assert live(conversation) == [first.pk, second.pk]
    instead.refresh_from_db()
    assert instead.superseded_by == first
    attempts.bring_back(instead)
    assert live(conversation) == [instead.pk]


def test_an_attempt_within_one_that_is_set_aside_comes_back_after_it(finished, attempts):
    first = finished("one")
    second = ended(attempts.regenerate(first))
    ended(attempts.regenerate(second))

    attempts.bring_back(second)
    attempts.bring_back(first)

    with pytest.raises(Refusal):
        attempts.bring_back(first)


def test_a_message_that_came_in_during_the_turn_keeps_what_was_said_before_it(
    finished, attempts, conversation
):
    from chat.models import Turn
    from chat.services import delivery, queue, turns

    turn = turns.start_turn(conversation, "Build a shop")
    queue.add(conversation, "In blue")
    queue.add(conversation, "With a cart")
    told = delivery.Telling(lambda queued: queued.text, lambda text: {"said": text})
    delivery.deliver(turn, [], told, among=[one.pk for one in delivery.due(turn)])
    Turn.objects.filter(pk=turn.pk).update(status="running")
    turn = ended(turn)
    blue = turn.messages.filter(role="user")[1]

    instead = attempts.resend(blue, "In red")

    said = [m.parts.get().text for m in instead.messages.filter(role="user")]
    assert said == ["Build a shop", "In red"]


def test_an_answer_of_the_model_cannot_be_edited(finished, attempts):
    with pytest.raises(Refusal):
        attempts.resend(finished("one").messages.get(role="assistant"), "x")


def test_a_message_of_an_attempt_that_was_set_aside_is_not_edited(finished, attempts):
    turn = finished("one")
    ended(attempts.regenerate(turn))

    with pytest.raises(Refusal) as refused:
        attempts.resend(message_of(turn), "x")

    assert refused.value.code == "conflict"


def test_a_failed_try_and_its_request_are_set_aside_together(conversation, attempts, finished):
    from chat.services import turns
    from chat.services.endings import end_turn

    failed = turns.start_turn(conversation, "Build a shop")
    end_turn(failed.pk, "failed")
    again = ended(turns.retry_turn(failed))

    anew = attempts.regenerate(again)

    assert live(conversation) == [anew.pk]
    assert message_of(anew).parts.get().text == "Build a shop"


def test_without_an_earlier_version_files_are_not_put_back(finished, attempts, conversation):
    turn = finished("one")

    with pytest.raises(Refusal) as refused:
        attempts.regenerate(turn, restore_files=True)

    assert "no version" in refused.value.message
    assert live(conversation) == [turn.pk]


@pytest.mark.sandbox
def test_files_go_back_to_before_the_message_when_that_is_chosen(
    sandbox_worker, say, attempts, conversation
):
    from chat.services.versioning import versions
    from sandboxes.services import checkpoints
    from tests.fixtures.waiting import until

    say("Create a file notes.txt with the text first")
    until(lambda: versions.list_for(conversation).count() == 1)
    second = say("Create a file notes.txt with the text second")
    until(lambda: versions.list_for(conversation).count() == 2)

    attempts.regenerate(second, restore_files=True)

    restored = conversation.versions.get(reason="restore")
    assert restored.restores.number == 1
    assert checkpoints.wait(restored.checkpoint, 30).status == "made"


def test_what_is_asked_again_is_asked_with_the_effort_of_its_turn(finished, attempts, conversation):
    from chat.services.offered_models import choices

    choices.choose(conversation, effort="high")
    first = finished("one")
    choices.choose(conversation, effort="low")

    again = attempts.regenerate(first)
    assert again.effort == "high"
    ended(again)
    choices.choose(conversation, effort="low")
    assert attempts.resend(message_of(again), "Two").effort == "high"
