"""Forks where turns were set aside, spoken into, or summed up."""

from __future__ import annotations

import pytest

from chat.models import Conversation, Message, Part, Summary, Turn
from chat.services.branching import attempts, forks
from chat.services.context import lines
from tests.fixtures.rows import make_turn


def spoken(*texts: str) -> list[dict]:
    """A history in which the person says these, each answered."""
    told = []
    for text in texts:
        told.append({"kind": "request", "parts": [{"part_kind": "user-prompt", "content": text}]})
        told.append({"kind": "response", "parts": [{"part_kind": "text", "content": f"to {text}"}]})
    return told


def add(turn: Turn, role: str, text: str) -> Message:
    position = turn.conversation.messages.count()
    made = Message.objects.create(
        conversation=turn.conversation, turn=turn, role=role, position=position
    )
    Part.objects.create(message=made, position=0, kind="text", state="done", text=text)
    return made


def texts(conversation: Conversation) -> list[str]:
    found = Part.objects.filter(message__conversation=conversation)
    return list(found.order_by("message__position").values_list("text", flat=True))


@pytest.fixture
def instead(conversation):
    """Four turns: the second and third were set aside for the fourth."""
    made = [make_turn(conversation, answer=answer) for answer in ("one", "two", "three", "four")]
    Turn.objects.filter(pk__in=[made[1].pk, made[2].pk]).update(superseded_by=made[3])
    return [Turn.objects.get(pk=turn.pk) for turn in made]


def answers(turns) -> list[str]:
    return [turn.messages.get(role="assistant").parts.get().text for turn in turns]


def test_the_line_to_a_turn_leaves_out_what_was_set_aside(instead):
    assert answers(lines.line_to(instead[3])) == ["one", "four"]


def test_the_line_to_a_turn_that_was_set_aside_is_as_it_was_then(instead):
    assert answers(lines.line_to(instead[2])) == ["one", "two", "three"]


def test_the_line_is_the_same_after_an_attempt_was_brought_back(instead):
    attempts.bring_back(instead[1])
    instead = [Turn.objects.get(pk=turn.pk) for turn in instead]
    assert answers(lines.line_to(instead[2])) == ["one", "two", "three"]
    assert answers(lines.line_to(instead[3])) == ["one", "four"]


def test_a_fork_from_an_earlier_attempt_goes_on_from_there(instead, owner):
    made = forks.fork(instead[1].messages.get(role="assistant"), owner)
    assert texts(made) == ["Build it", "one", "Build it", "two"]
    assert not made.turns.exclude(superseded_by=None).exists()


def test_a_duplicate_keeps_attempts_and_their_successors_apart_from_the_source(instead, owner):
    made = forks.duplicate(instead[0].conversation, owner)
    copies = list(made.turns.order_by("created_at", "id"))
    assert [one.superseded_by for one in copies] == [None, copies[3], copies[3], None]


def test_what_gave_way_to_a_turn_under_way_stands_in_a_duplicate(instead, owner):
    Turn.objects.filter(pk=instead[3].pk).update(status="running")
    made = forks.duplicate(instead[0].conversation, owner)
    assert [one.superseded_by for one in made.turns.all()] == [None, None, None]


def test_a_fork_in_the_midst_of_a_turn_is_told_no_more_than_it_shows(conversation, owner):
    turn = make_turn(conversation, answer="to A")
    add(turn, "user", "B")
    add(turn, "assistant", "to B")
    Turn.objects.filter(pk=turn.pk).update(history=spoken("A", "B"))

    made = forks.fork(turn.messages.filter(role="assistant")[0], owner)

    copy = made.turns.get()
    assert (copy.history, copy.status) == (spoken("A"), "completed")


def test_a_fork_from_what_was_said_into_a_turn_is_answered_anew(conversation, owner):
    turn = make_turn(conversation, answer="to A")
    said = add(turn, "user", "B")
    add(turn, "assistant", "to B")
    Turn.objects.filter(pk=turn.pk).update(history=spoken("A", "B"))

    made = forks.fork(said, owner)

    copy = made.turns.get()
    assert (copy.history, copy.status) == (spoken("A", "B")[:3], "stopped")
    assert [message.role for message in made.messages.all()] == [
        "user", "assistant", "user", "assistant",
    ]  # fmt: skip


def test_a_fork_goes_on_with_the_summary_of_what_it_copies(conversation, owner):
    from chat.services import turns
    from chat.services.context import history

    turn = make_turn(conversation, answer="one")
    Turn.objects.filter(pk=turn.pk).update(history=spoken("A"))
    summary = Summary.objects.create(
        conversation=conversation, through=turn, steps=2, turns=1, text="A was said."
    )
    answer = turn.messages.get(role="assistant")
    card = {"kind": "summary", "state": "done", "result": {"summary": summary.pk}}
    Part.objects.create(message=answer, position=1, **card)

    made = forks.fork(answer, owner)

    copy = made.summaries.get()
    found = history.past(turns.start_turn(made, "go on"))
    assert found.summary == copy
    assert Part.objects.get(message__conversation=made, kind="summary").result == {
        "summary": copy.pk
    }


def test_a_fork_asks_as_its_source_does_and_has_no_leave_of_it(conversation, owner):
    conversation.mode, conversation.effort, conversation.approval = "plan", "high", "always"
    conversation.allowed = ["delete_files"]
    conversation.save()
    turn = make_turn(conversation)

    made = forks.fork(turn.messages.get(role="assistant"), owner)

    assert (made.mode, made.effort, made.approval) == ("plan", "high", "always")
    assert made.allowed == []
