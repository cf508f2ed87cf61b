"""Turns that wait for the person, with a model over HTTP; nothing runs while they wait."""

from __future__ import annotations

import json
import threading

import pytest

from tests.chat.agent.asking import PLAN, QUESTIONS, calls
from tests.chat.agent.quirky_server import of_chat
from tests.fixtures.waiting import until


@pytest.fixture
def mock(llmock, settings):
    settings.OPENAI_BASE_URL = llmock.base_url("openai")
    llmock.tool_mode("off")
    yield llmock
    broken = [rule for asked in llmock.requests for rule in of_chat(asked.body["messages"])]
    assert not broken


@pytest.fixture
def ask(mock, say):
    """Let the model call these tools in one step; returns the turn."""

    def send(*wanted):
        calls(mock, *wanted)
        return say("Go on", model="custom:mock")

    return send


@pytest.fixture
def answer():
    """Answer the turn's question, and let a worker take it up."""
    from chat.agent import runtime
    from chat.services.asking import answers
    from chat.services.asking.answer_forms import Given

    def give(turn, **given):
        answers.answer(turn, Given(**given), by=turn.conversation.owner)
        runtime.run(turn.pk)
        turn.refresh_from_db()
        return turn

    return give


def told(mock):
    """The results that the model was given last, in order."""
    body = mock.last_request.body["messages"]
    last = max(n for n, message in enumerate(body) if message["role"] == "assistant")
    return [message["content"] for message in body[last + 1 :] if message["role"] == "tool"]


def test_a_question_ends_the_run_and_is_kept_in_a_row(ask, parts):
    turn = ask(("ask_user", QUESTIONS))

    question = turn.questions.get()
    (card,) = parts(turn)
    assert (turn.status, turn.waiting_for, turn.worker) == ("waiting", "question", "")
    assert (question.status, question.part_id, card.state) == ("open", card.pk, "waiting")
    assert question.asked["questions"][0]["choices"] == ["SQLite", "PostgreSQL"]
    until(lambda: not [one for one in threading.enumerate() if one.name.startswith("journal")])


def test_the_answer_is_the_result_of_the_call(ask, answer, mock, parts):
    turn = ask(("ask_user", QUESTIONS))
    mock.reply("I take those.")

    answer(turn, answers=[{"choice": 0}, {"text": "Zettel"}])

    assert turn.status == "completed"
    assert json.loads(told(mock)[0]) == {
        "answers": [
            {"question": "Which database?", "answer": "SQLite"},
            {"question": "Which name?", "answer": "Zettel"},
        ]
    }
    card, words = parts(turn)
    assert (card.state, words.text) == ("done", "I take those.")
    assert [one["answer"] for one in card.result["answers"]] == ["SQLite", "Zettel"]
    assert turn.requests == 2


def test_what_a_turn_has_changed_before_it_asked_is_not_saved_as_somebody_else_s(
    ask, answer, mock, monkeypatch
):
    from chat.services.versioning import versions

    saved = []
    monkeypatch.setattr(versions, "save_before", lambda turn: saved.append(turn.status))
    turn = ask(("ask_user", QUESTIONS))
    mock.reply("I take those.")

    answer(turn, answers=[{}, {}])

    assert saved == ["running"]


def test_files_are_saved_once_an_approved_plan_is_built(
    mock, say, answer, conversation, monkeypatch
):
    from chat.services import conversations
    from chat.services.versioning import versions

    saved = []
    monkeypatch.setattr(versions, "save_before", lambda turn: saved.append(turn.mode))
    conversations.choose_mode(conversation, "plan")
    calls(mock, ("propose_plan", PLAN))
    turn = say("Go on", model="custom:mock")
    assert saved == []
    mock.reply("Built.")

    answer(turn, decision="build", steps=PLAN["steps"])

    assert saved == ["build"]


def test_a_turn_that_was_stopped_between_two_calls_of_a_step_can_be_tried_again(ask, mock):
    """The one has its result, the other waited for the person."""
    from chat.agent import runtime
    from chat.services import stopping, turns

    turn = ask(("list_files", {}), ("ask_user", QUESTIONS))
    stopping.stop_turn(turn)
    mock.reply("I go on.")

    again = turns.retry_turn(turn)
    runtime.run(again.pk)

    again.refresh_from_db()
    assert again.status == "completed", again.error


def test_a_turn_can_ask_again_after_an_answer(ask, answer, mock):
    turn = ask(("ask_user", QUESTIONS))
    mock.call_tool("ask_user", QUESTIONS)
    answer(turn, answers=[{}, {}])
    assert (turn.status, turn.questions.count()) == ("waiting", 2)
    mock.reply("Good.")

    answer(turn, answers=[{}, {}])

    assert (turn.status, turn.requests) == ("completed", 3)


def test_calls_behind_the_one_that_asks_wait_for_it_too(ask, answer, mock, parts):
    turn = ask(("list_files", {}), ("ask_user", QUESTIONS), ("list_files", {"path": "src"}))
    assert [card.state for card in parts(turn)] == ["failed", "waiting", "waiting"]
    mock.reply("Done.")

    answer(turn, answers=[{}, {}])

    assert turn.status == "completed"
    assert [card.state for card in parts(turn)[:3]] == ["failed", "done", "failed"]
    assert "PostgreSQL" in told(mock)[1] and len(told(mock)) == 3


def test_a_stopped_question_leaves_a_conversation_that_goes_on(ask, say, mock):
    from chat.services import stopping

    turn = ask(("ask_user", QUESTIONS), ("list_files", {}))

    stopping.stop_turn(turn)
    mock.reply("On we go.")
    after = say("Forget it", model="custom:mock")

    turn.refresh_from_db()
    assert (turn.status, turn.waiting_for, turn.questions.get().status) == (
        "stopped", "", "withdrawn",
    )  # fmt: skip
    assert after.status == "completed"


def test_a_stopped_question_can_be_tried_again(ask, mock):
    from chat.agent import runtime
    from chat.services import stopping, turns

    turn = ask(("ask_user", QUESTIONS))
    stopping.stop_turn(turn)
    mock.reply("Without asking, then.")

    again = turns.retry_turn(turn)
    runtime.run(again.pk)

    again.refresh_from_db()
    assert again.status == "completed"


def test_a_stop_in_the_moment_of_asking_wins(mock, say, monkeypatch):
    from chat.models import Turn
    from chat.services.asking import waiting

    begin = waiting.begin

    def stopped_first(turn, asked, **more):
        Turn.objects.filter(pk=turn.pk).update(stop_requested_at=turn.created_at)
        return begin(turn, asked, **more)

    monkeypatch.setattr(waiting, "begin", stopped_first)
    calls(mock, ("ask_user", QUESTIONS))

    turn = say("Go on", model="custom:mock")

    assert (turn.status, turn.questions.count()) == ("stopped", 0)


def test_a_worker_that_is_stopped_with_the_answer_in_hand_leaves_it_to_the_next(
    ask, answer, mock, monkeypatch
):
    from pydantic_ai import RunCancelled

    from chat.agent import resuming, runtime

    turn = ask(("ask_user", QUESTIONS))
    of = resuming.of

    def stopped(turn):
        runtime.interrupt_all()
        raise RunCancelled

    monkeypatch.setattr(resuming, "of", stopped)
    answer(turn, answers=[{}, {}])
    assert (turn.status, turn.worker) == ("queued", "")
    monkeypatch.setattr(resuming, "of", of)
    mock.reply("Here it is.")

    runtime.run(turn.pk)

    turn.refresh_from_db()
    assert turn.status == "completed"


def test_a_plan_that_is_approved_is_built_and_ticked_off(ask, answer, mock, parts, conversation):
    from chat.services import conversations

    conversations.choose_mode(conversation, "plan")
    turn = ask(("propose_plan", PLAN))
    assert (turn.mode, turn.waiting_for) == ("plan", "plan")
    mock.call_tool("plan_step_done", {"number": 2})
    mock.reply("Two is done.")

    answer(turn, decision="build", steps=["Write the page", "Start it"])

    conversation.refresh_from_db()
    assert (turn.status, turn.mode, conversation.mode) == ("completed", "build", "build")
    plan = parts(turn)[0]
    assert plan.result["steps"] == [
        {"text": "Write the page", "done": False},
        {"text": "Start it", "done": True},
    ]


def test_a_plan_to_be_changed_goes_back_to_the_model(ask, answer, mock, conversation):
    from chat.services import conversations

    conversations.choose_mode(conversation, "plan")
    turn = ask(("propose_plan", PLAN))
    mock.call_tool("propose_plan", PLAN | {"title": "Another"})

    answer(turn, decision="change", text="Use Go")

    assert (turn.status, turn.mode, turn.waiting_for) == ("waiting", "plan", "plan")
    assert json.loads(told(mock)[0])["the_user_says"] == "Use Go"


def test_a_discarded_plan_ends_the_turn_without_asking_the_model(ask, answer, mock, conversation):
    from chat.services import conversations

    conversations.choose_mode(conversation, "plan")
    turn = ask(("propose_plan", PLAN))
    asked = len(mock.requests)

    answer(turn, decision="discard")

    assert (turn.status, turn.mode, len(mock.requests)) == ("completed", "plan", asked)


def test_plan_mode_offers_the_reading_tools_only(ask, mock, conversation):
    from chat.services import conversations
    from chat.tools import registry

    conversations.choose_mode(conversation, "plan")
    ask(("propose_plan", PLAN))

    offered = {tool["function"]["name"] for tool in mock.last_request.body["tools"]}
    shown = registry.READING - {"find_tools"}  # there are no other servers
    assert offered == shown | {"ask_user", "propose_plan"}
    assert "Plan mode" in json.dumps(mock.last_request.body["messages"])


def test_steps_are_ticked_off_only_where_a_plan_was_approved(say, mock):
    mock.reply("Hello.")

    say("Hello", model="custom:mock")

    offered = {tool["function"]["name"] for tool in mock.last_request.body["tools"]}
    assert {"ask_user", "run_command"} < offered
    assert not {"plan_step_done", "propose_plan"} & offered


def test_a_turn_that_asks_for_ever_ends(ask, answer, mock, monkeypatch):
    from chat.services.asking import waiting

    monkeypatch.setattr(waiting, "QUESTIONS_PER_TURN", 1)
    turn = ask(("ask_user", QUESTIONS))
    mock.call_tool("ask_user", QUESTIONS)

    answer(turn, answers=[{}, {}])

    assert (turn.status, turn.error["title"]) == ("failed", "The turn asked too often")


def test_what_acts_around_a_request_can_ask_too_and_the_model_is_then_asked_again(
    mock, say, answer, parts, monkeypatch
):
    from chat.agent import modes
    from chat.tools.context import Asks

    choices = [{"value": "more", "label": "Spend one more dollar"}]
    prepare = modes.OfferedTools.prepare_model_request

    async def costs(self, ctx, request_context):
        if ctx.deps.answer is None:
            raise Asks("budget", {"title": "The budget is spent", "choices": choices})
        return await prepare(self, ctx, request_context)

    monkeypatch.setattr(modes.OfferedTools, "prepare_model_request", costs)
    mock.reply("Done.")
    turn = say("Go on", model="custom:mock")
    assert (turn.status, turn.waiting_for, len(mock.requests)) == ("waiting", "budget", 0)

    answer(turn, decision="more")

    asked, words = parts(turn)
    assert (turn.status, words.text) == ("completed", "Done.")
    assert (asked.kind, asked.state, asked.result["label"]) == (
        "asked", "done", "Spend one more dollar",
    )  # fmt: skip
