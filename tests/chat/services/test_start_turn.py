from __future__ import annotations

import pytest

from vibe.refusal import Refusal


@pytest.fixture
def turns():
    from chat.services import turns

    return turns


def test_a_turn_begins_with_the_message_and_an_empty_answer(conversation, turns):
    turn = turns.start_turn(conversation, "  Build something  ")

    said, answer = conversation.messages.all()
    assert (said.role, [part.text for part in said.parts.all()]) == ("user", ["Build something"])
    assert (answer.role, answer.turn_id, answer.parts.count()) == ("assistant", turn.pk, 0)
    assert turn.status == "queued"


def test_a_turn_is_handed_to_the_chat_queue_under_its_own_id(conversation, turns, settings):
    from vibe.jobs.queue import queue

    turn = turns.start_turn(conversation, "Hello")

    assert queue(settings.CHAT_QUEUE).job_ids == [turn.pk]


def test_open_pages_hear_of_a_new_turn(conversation, turns):
    from chat.services.events import conversation_key
    from vibe.streams.stream import EventStream

    turn = turns.start_turn(conversation, "Hello")

    events = [event for _, event in EventStream(conversation_key(conversation.pk)).read()]
    assert {"type": "turn", "turn": turn.pk} in events


def test_the_first_line_of_the_first_message_becomes_the_title(conversation, turns):
    turns.start_turn(conversation, "\nA shop for second-hand bicycles\nwith a cart")

    conversation.refresh_from_db()
    assert conversation.title == "A shop for second-hand bicycles"


def test_a_long_title_is_cut_at_a_word(conversation, turns):
    turns.start_turn(conversation, "word " * 40)

    conversation.refresh_from_db()
    assert len(conversation.title) <= 60
    assert conversation.title.endswith("word…")


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 100_001])
def test_an_empty_or_endless_message_is_refused(conversation, turns, text):
    with pytest.raises(Refusal):
        turns.start_turn(conversation, text)
    assert conversation.turns.count() == 0


def test_a_second_message_is_refused_while_a_turn_is_under_way(conversation, turns):
    turns.start_turn(conversation, "First")

    with pytest.raises(Refusal) as refused:
        turns.start_turn(conversation, "Second")

    assert refused.value.code == "conflict"
    assert conversation.messages.count() == 2


def test_a_chosen_model_stays_the_conversations_model(conversation, turns):
    turn = turns.start_turn(conversation, "Hello", model="custom:llama")

    conversation.refresh_from_db()
    assert (turn.model, conversation.model) == ("custom:llama", "custom:llama")


def test_an_unknown_model_fails_in_words_and_the_next_message_works(say, parts):
    failed = say("Hello", model="nonsense")
    worked = say("help", model="demo")

    assert failed.status == "failed"
    assert "no model called 'nonsense'" in failed.error["title"]
    assert failed.error["action"] == "choose_model"
    assert parts(failed)[-1].kind == "error"
    assert worked.status == "completed"


@pytest.mark.parametrize(
    ("model", "variable"),
    [
        ("openai:gpt-6.1-sol", "OPENAI_API_KEY"),
        ("anthropic:claude-sonnet-5-5", "ANTHROPIC_API_KEY"),
        ("custom:llama", "OPENAI_BASE_URL"),
    ],
)
def test_a_missing_key_names_the_variable_to_set(say, model, variable):
    turn = say("Hello", model=model)

    assert variable in turn.error["detail"]
    assert turn.error["action"] == "settings"


def test_another_users_turn_is_not_found(conversation, turns, django_user_model):
    turn = turns.start_turn(conversation, "Hello")
    bob = django_user_model.objects.create_user("bob")

    with pytest.raises(Refusal) as refused:
        turns.get_for(bob, turn.pk)

    assert refused.value.code == "not_found"
