"""Plan mode and approvals hold for files that a call is still writing, on a real sandbox."""

from __future__ import annotations

import json

import pytest

from tests.chat.agent.streaming.model_in_pieces import Answer, Call, pieces_server
from tests.fixtures.waiting import until

MODELS = ["custom:mock", "anthropic:mock"]

pytestmark = pytest.mark.sandbox


@pytest.fixture
def model(settings, monkeypatch):
    from chat.agent import model_factory

    monkeypatch.setattr(model_factory, "RETRIES", 0)
    with pieces_server() as started:
        settings.OPENAI_API_KEY = settings.ANTHROPIC_API_KEY = "sk-test"
        settings.OPENAI_BASE_URL = f"{started.address}/v1"
        settings.ANTHROPIC_BASE_URL = started.address
        yield started


@pytest.fixture
def box(sandbox, conversation):
    from chat.services import conversations

    conversations.use_sandbox(conversation.pk, sandbox.pk)
    return sandbox


@pytest.fixture
def taken(monkeypatch):
    """What came of each file that was whole before its call, once it is decided."""
    from chat.agent.streaming.early_files import EarlyFiles

    decided = []
    write = EarlyFiles._write

    async def observed(self, before, part_id, path, content):
        await write(self, before, part_id, path, content)
        decided.append((path, self._open))

    monkeypatch.setattr(EarlyFiles, "_write", observed)
    return decided


def on_disk(box) -> list[str]:
    from sandboxes.services import files

    return sorted(entry.path for entry in files.list_files(box, ".")[0])


def call_in_two(taken, seen, box):
    """A call of two files, held up after the first one until it is decided what becomes of it."""
    from django.db import connections

    def look():
        try:
            until(lambda: taken)
            seen.append(on_disk(box))
        finally:
            connections.close_all()

    begun = '{"files": [{"path": "a.txt", "content": "one"}, '
    rest = json.dumps({"path": "b.txt", "content": "two"}) + "]}"
    return Answer([Call("write_files", [begun, look, rest])])


@pytest.mark.parametrize("name", MODELS)
def test_in_plan_mode_no_file_of_a_call_is_written(
    model, box, conversation, say, parts, taken, monkeypatch, name
):
    from chat.agent import modes
    from chat.services import conversations

    # A server may let a model call what it is not offered; so may a fault of ours.
    monkeypatch.setattr(modes, "is_offered", lambda *_: True)
    conversations.choose_mode(conversation, "plan")
    seen = []
    model.answers = [call_in_two(taken, seen, box)]

    turn = say("Write", model=name)

    card = next(part for part in parts(turn) if part.kind == "tool_call")
    assert seen == [[]]
    assert taken[0] == ("a.txt", False)
    assert on_disk(box) == []
    assert card.state == "failed"
    assert "plan mode" in card.result["message"]


@pytest.mark.parametrize("name", MODELS)
def test_a_tool_that_plan_mode_does_not_offer_takes_no_file(
    model, box, conversation, say, taken, name
):
    from chat.services import conversations

    conversations.choose_mode(conversation, "plan")
    text = '{"files": [{"path": "a.txt", "content": "one"}]}'
    model.answers = [Answer([Call("write_files", [text[:45], text[45:]])])]

    say("Write", model=name)

    assert (on_disk(box), taken) == ([], [])


@pytest.mark.parametrize("name", MODELS)
def test_with_policy_always_no_file_is_written_before_the_answer(
    model, box, conversation, say, parts, taken, name
):
    from chat.agent import runtime
    from chat.services import conversations
    from chat.services.asking import answers
    from chat.services.asking.answer_forms import Given

    conversations.choose_approval(conversation, "always")
    seen = []
    model.answers = [call_in_two(taken, seen, box)]

    turn = say("Write", model=name)

    card = next(part for part in parts(turn) if part.kind == "tool_call")
    assert seen == [[]]
    assert on_disk(box) == []
    assert (turn.status, turn.waiting_for, card.state) == ("waiting", "approval", "waiting")
    assert turn.questions.get().asked["exact"] == "a.txt\nb.txt"
    assert card.result == {}

    answers.answer(turn, Given(decision="once"))
    runtime.run(turn.pk)

    turn.refresh_from_db()
    assert (turn.status, on_disk(box)) == ("completed", ["a.txt", "b.txt"])


@pytest.mark.parametrize("name", MODELS)
def test_an_answer_to_one_call_writes_nothing_of_the_next_early(
    model, box, conversation, say, taken, name
):
    from chat.agent import runtime
    from chat.services import conversations
    from chat.services.asking import answers
    from chat.services.asking.answer_forms import Given

    conversations.choose_approval(conversation, "always")
    first = '{"files": [{"path": "first.txt", "content": "one"}]}'
    model.answers = [Answer([Call("write_files", [first])])]
    turn = say("Write", model=name)
    taken.clear()
    seen = []
    model.answers = [call_in_two(taken, seen, box)]

    answers.answer(turn, Given(decision="once"))
    runtime.run(turn.pk)

    turn.refresh_from_db()
    assert seen == [["first.txt"]]
    assert (turn.status, on_disk(box)) == ("waiting", ["first.txt"])
