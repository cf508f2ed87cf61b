"""Forks of conversations: what goes along, what stays, what the copy is told."""

from __future__ import annotations

import pytest

from chat.models import Conversation, Part, Turn, Version
from chat.services import conversations, turns
from chat.services.branching import forks
from chat.services.context import history
from chat.services.endings import end_turn
from chat.services.versioning import versions
from sandboxes.models import Checkpoint, Sandbox
from sandboxes.services import files, lifecycle
from tests.fixtures.rows import make_sandbox, make_turn
from tests.fixtures.waiting import until
from vibe.refusal import Refusal


def texts(conversation: Conversation) -> list[str]:
    found = Part.objects.filter(message__conversation=conversation).order_by("message__position")
    return list(found.values_list("text", flat=True))


def answer(turn: Turn):
    return turn.messages.get(role="assistant")


def request(turn: Turn):
    return turn.messages.get(role="user")


def test_a_fork_has_the_messages_up_to_there_and_says_where_it_comes_from(conversation, owner):
    first = make_turn(conversation, answer="one")
    make_turn(conversation, answer="two")
    made = forks.fork(answer(first), owner)
    assert texts(made) == ["Build it", "one"]
    assert (made.forked_from, made.forked_at) == (conversation, answer(first))
    assert forks.of([answer(first).pk]) == {answer(first).pk: [made]}


def test_the_source_is_as_it_was(conversation, owner):
    turn = make_turn(conversation, answer="one")
    before = list(Part.objects.values_list("pk", "message__turn__conversation"))
    made = forks.fork(answer(turn), owner)
    conversations.delete(made)
    assert list(Part.objects.values_list("pk", "message__turn__conversation")) == before


def test_forked_from_a_request_its_answer_can_be_asked_for_anew(conversation, owner):
    make_turn(conversation, answer="one")
    second = make_turn(conversation, answer="two")
    made = forks.fork(request(second), owner)
    assert texts(made) == ["Build it", "one", "Build it"]
    again = turns.retry_turn(made.turns.last())
    assert history.request_of(again) == "Build it"


def test_the_model_sees_in_a_fork_what_it_saw_before(conversation, owner):
    turn = make_turn(conversation, answer="one")
    said = [{"kind": "request", "parts": []}, {"kind": "response", "parts": []}]
    Turn.objects.filter(pk=turn.pk).update(history=said)
    made = forks.fork(answer(turn), owner)
    assert history.before(turns.start_turn(made, "go on")) == said


def test_only_the_first_turn_after_a_fork_is_told_of_it(conversation, owner):
    made = forks.fork(answer(make_turn(conversation)), owner)
    first = turns.start_turn(made, "go on")
    assert "goes on from a copy" in forks.note_for(first)
    end_turn(first.pk, "completed")
    assert forks.note_for(turns.start_turn(made, "and on")) == ""
    assert forks.note_for(make_turn(conversation)) == ""


def test_an_answer_that_is_being_written_cannot_be_forked_from(conversation, owner):
    turn = make_turn(conversation, status="running")
    with pytest.raises(Refusal, match="still being written"):
        forks.fork(answer(turn), owner)


def test_a_duplicate_leaves_out_the_turn_under_way(conversation, owner):
    make_turn(conversation, answer="one")
    make_turn(conversation, status="running")
    assert texts(forks.duplicate(conversation, owner)) == ["Build it", "one"]


@pytest.mark.parametrize("copy", ["fork", "duplicate"])
def test_a_copy_asks_before_the_same_steps_and_allows_none_that_were_allowed_there(
    conversation, owner, copy
) -> None:
    conversation.mode, conversation.approval, conversation.allowed = "plan", "always", ["delete"]
    conversation.save()
    made = (
        forks.fork(make_turn(conversation).messages.get(role="user"), owner)
        if copy == "fork"
        else forks.duplicate(conversation, owner)
    )
    made.refresh_from_db()
    assert (made.mode, made.approval, made.allowed) == ("plan", "always", [])


def test_a_copied_turn_counts_as_nothing_spent(conversation, owner):
    turn = make_turn(conversation)
    Turn.objects.filter(pk=turn.pk).update(input_tokens=5, output_tokens=5, requests=1)
    copy = forks.duplicate(conversation, owner).turns.get()
    assert (copy.input_tokens, copy.output_tokens, copy.requests) == (0, 0, 0)


def test_what_ran_in_the_background_is_not_said_to_run_in_the_copy(conversation, owner):
    turn = make_turn(conversation)
    Part.objects.filter(message=answer(turn)).update(state="background", kind="tool_call")
    made = forks.duplicate(conversation, owner)
    assert Part.objects.get(message__conversation=made, kind="tool_call").state == "stopped"


def test_a_fork_counts_for_how_many_conversations_one_may_have(conversation, owner, settings):
    turn = make_turn(conversation)
    settings.CONVERSATIONS_PER_USER = 1
    with pytest.raises(Refusal, match="the limit"):
        forks.fork(answer(turn), owner)
    assert Conversation.objects.count() == 1


def test_without_a_version_there_is_no_new_sandbox(conversation, owner):
    with pytest.raises(Refusal, match="no saved version"):
        forks.new_sandbox(conversation, owner)


@pytest.fixture
def worked(conversation: Conversation, sandbox: Sandbox) -> list[Turn]:
    """Two turns in a real sandbox: the first writes "one", the second "two"."""
    conversations.use_sandbox(conversation.pk, sandbox.pk)
    conversation.refresh_from_db()
    made = []
    for text in ("one", "two"):
        turn = make_turn(conversation, status="running", answer=f"see {sandbox.pk}")
        versions.save_before(turn)
        files.write_files(sandbox, [("app.py", text.encode())])
        assert end_turn(turn.pk, "completed")
        until(lambda: not Checkpoint.objects.filter(status="requested").exists())
        made.append(Turn.objects.get(pk=turn.pk))
    return made


def running(made: Conversation) -> Sandbox:
    assert made.sandbox_id is not None
    until(lambda: Sandbox.objects.get(pk=made.sandbox_id).is_running)
    return Sandbox.objects.get(pk=made.sandbox_id)


@pytest.mark.sandbox
def test_a_fork_has_the_files_of_its_message_and_the_source_keeps_its_own(worked, owner, sandbox):
    made = forks.fork(answer(worked[0]), owner)
    theirs = running(made)
    assert files.read_file(theirs, "app.py") == b"one"
    files.write_files(theirs, [("app.py", b"other")])
    assert files.read_file(sandbox, "app.py") == b"two"


@pytest.mark.sandbox
def test_a_fork_before_a_request_has_the_files_before_it(worked, owner):
    assert files.read_file(running(forks.fork(request(worked[1]), owner)), "app.py") == b"one"
    assert forks.fork(request(worked[0]), owner).sandbox is None


@pytest.mark.sandbox
def test_a_duplicate_has_the_files_as_they_are_now(worked, owner, sandbox):
    files.write_files(sandbox, [("app.py", b"by hand")])
    made = forks.duplicate(Conversation.objects.get(), owner)
    assert files.read_file(running(made), "app.py") == b"by hand"


@pytest.mark.sandbox
def test_what_names_the_sandbox_names_that_of_the_fork(worked, owner):
    made = forks.fork(answer(worked[1]), owner)
    assert f"see {made.sandbox_id}" in texts(made)


@pytest.mark.sandbox
def test_the_environment_of_the_source_goes_along_as_for_any_copy_of_a_sandbox(
    worked, owner, sandbox
):
    Sandbox.objects.filter(pk=sandbox.pk).update(env={"TOKEN": "canary"})
    made = forks.fork(answer(worked[0]), owner)
    assert running(made).env == {"TOKEN": "canary"}


@pytest.mark.sandbox
def test_a_conversation_whose_sandbox_was_deleted_gets_a_new_one_with_its_files(
    worked, owner, sandbox
):
    conversation = worked[0].conversation
    assert not forks.sandbox_is_gone(conversation)
    lifecycle.delete(sandbox)
    conversation.refresh_from_db()
    assert forks.sandbox_is_gone(conversation)
    forks.new_sandbox(conversation, owner)
    conversation.refresh_from_db()
    assert files.read_file(running(conversation), "app.py") == b"two"


@pytest.mark.sandbox
def test_the_files_of_a_fork_are_a_version_of_its_own_before_its_first_turn(worked, owner):
    made = forks.fork(answer(worked[0]), owner)
    running(made)
    versions.save_before(turns.start_turn(made, "go on"))
    until(lambda: not Checkpoint.objects.filter(status="requested").exists())
    assert [one.title for one in versions.list_for(made)] == ["As it was forked"]
    assert Version.objects.filter(conversation=made).count() == 1


def test_a_conversation_about_a_running_sandbox_has_not_lost_it(conversation):
    conversation.sandbox = make_sandbox(conversation.owner)
    assert not forks.sandbox_is_gone(conversation)
