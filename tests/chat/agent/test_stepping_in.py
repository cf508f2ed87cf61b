"""Another model goes on where the first cannot answer, and the thread says so."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from chat.models import ModelRequest, Question, QueuedMessage, SpendingCounter, Turn
from chat.services.offered_models import language_models
from tests.chat.agent.asking import QUESTIONS
from tests.chat.agent.quirks import Quirk, called, delta, said, words
from tests.chat.agent.quirky_server import quirky_server
from tests.fixtures.models import make_model

REFUSAL = '{"error": {"message": "The engine is full of sk-abcdefgh12345", "type": "overloaded"}}'

WRONG = '{"error": {"message": "So not.", "type": "invalid_request_error"}}'


@pytest.fixture(autouse=True)
def near(settings, monkeypatch):
    from chat.agent import model_factory

    settings.MODELS_PRIVATE = True
    monkeypatch.setattr(model_factory, "RETRIES", 0)


@pytest.fixture
def servers():
    with quirky_server() as first, quirky_server() as second:
        yield first, second


@pytest.fixture
def two(servers, owner):
    """A first model, and a second that steps in; in two formats."""
    first, second = servers
    one = make_model(owner, first.address, name="one", wire="openai-chat")
    other = make_model(owner, second.address, name="other", wire="anthropic")
    language_models.change(one, {"label": "Number one"})
    language_models.change(other, {"label": "Number two"})
    language_models.prefer(owner, fallbacks=[other.shown_id])
    return one, other


def failing(code: int) -> Quirk:
    told = REFUSAL if code in (429, 529) or code >= 500 else WRONG
    return Quirk("fails", [told], [told], code=code, kind="application/json")


@pytest.mark.parametrize("code", [429, 500, 503, 529])
def test_the_next_model_answers_and_the_thread_says_so(servers, two, say, parts, code):
    one, other = two
    servers[0].answers = [failing(code)] * 3

    turn = say("Hello?", model=one.shown_id)

    assert (turn.status, turn.error, turn.model) == ("completed", None, other.shown_id)
    note, answer = parts(turn)
    assert (note.kind, note.state, answer.text) == ("note", "done", "Ordinary.")
    assert note.text.startswith("Number one could not answer: ")
    assert "The engine is full of …" in note.text
    assert note.text.endswith("Number two goes on.")
    assert len(servers[1].asked) == 1


def test_a_server_that_is_not_there_is_stepped_in_for(servers, two, say, owner):
    gone = make_model(owner, "http://127.0.0.1:9/v1", name="gone")

    turn = say("Hello?", model=gone.shown_id)

    assert (turn.status, turn.model) == ("completed", two[1].shown_id)


@pytest.mark.parametrize("code", [400, 401, 403, 404])
def test_a_request_that_is_at_fault_itself_is_told_and_not_passed_on(servers, two, say, code):
    servers[0].answers = [failing(code)]

    turn = say("Hello?", model=two[0].shown_id)

    assert (turn.status, turn.model) == ("failed", two[0].shown_id)
    assert servers[1].asked == []


def test_what_has_begun_to_speak_is_not_spoken_over(servers, two, say):
    cut = Quirk("cut", said("Half a sen"), words("Half a sen"), closed=False)
    servers[0].answers = [cut]

    turn = say("Hello?", model=two[0].shown_id)

    assert (turn.status, turn.model) == ("failed", two[0].shown_id)
    assert servers[1].asked == []


def test_between_two_steps_the_other_goes_on_from_the_last_result(servers, two, say, parts):
    first, second = servers
    call = [called(0, "call_1", "no_such_tool", "{}"), delta("tool_calls"), "[DONE]"]
    first.answers = [Quirk("calls", call), failing(503)]

    turn = say("Look around", model=two[0].shown_id)

    assert (turn.status, turn.model) == ("completed", two[1].shown_id)
    assert [part.kind for part in parts(turn)] == ["tool_call", "note", "text"]
    assert "Look around" in str(second.asked[0]["messages"])
    assert "tool_result" in str(second.asked[0]["messages"])
    assert first.broken == second.broken == []
    assert Turn.objects.get(pk=turn.pk).requests >= 2


def test_when_all_fail_the_last_ones_reason_is_told(servers, two, say):
    servers[0].answers, servers[1].answers = [failing(503)], [failing(429)]

    turn = say("Hello?", model=two[0].shown_id)

    assert (turn.status, turn.model) == ("failed", two[1].shown_id)
    assert turn.error["title"] == "The provider is asked too often at the moment"


def test_without_stand_ins_the_first_ones_reason_is_told(servers, two, owner, say):
    language_models.prefer(owner, fallbacks=[])
    servers[0].answers = [failing(503)]

    assert say("Hello?", model=two[0].shown_id).model == two[0].shown_id


def test_everybodys_stand_ins_hold_for_who_has_chosen_none(servers, owner, say):
    one = make_model(None, servers[0].address, name="one")
    other = make_model(None, servers[1].address, name="other")
    language_models.prefer(None, fallbacks=[other.shown_id])
    servers[0].answers = [failing(503)]

    assert say("Hello?", model=one.shown_id).model == other.shown_id


def test_an_answer_of_the_person_reaches_the_model_that_steps_in(servers, two, say, parts):
    from chat.agent import runtime
    from chat.services.asking import answers
    from chat.services.asking.answer_forms import Given

    first, second = servers
    asking = called(0, "call_1", "ask_user", json.dumps(QUESTIONS))
    first.answers = [Quirk("asks", [asking, delta("tool_calls"), "[DONE]"]), failing(503)]
    turn = say("Look around", model=two[0].shown_id)
    assert turn.status == "waiting"

    answers.answer(turn, Given(answers=[{"choice": 0}, {"text": "Zettel"}]), by=None)
    runtime.run(turn.pk)

    turn.refresh_from_db()
    assert (turn.status, turn.model) == ("completed", two[1].shown_id)
    assert "Zettel" in str(second.asked[0]["messages"])
    assert [part.kind for part in parts(turn)] == ["tool_call", "note", "text"]
    assert Question.objects.get(turn=turn).status == "used"
    assert first.broken == second.broken == []


def test_each_model_is_paid_for_by_its_own_price_and_once(servers, two, say):
    one, other = two
    for model, dollars in ((one, "1"), (other, "7")):
        language_models.change(model, {"input_price": dollars, "output_price": dollars})
    servers[0].answers = [failing(503)]

    turn = say("Hello?", model=one.shown_id)

    failed, answered = ModelRequest.objects.filter(turn=turn).order_by("started_at", "pk")
    assert (failed.model, failed.outcome, failed.cost) == (one.shown_id, "failed", 0)
    assert (answered.model, answered.outcome) == (other.shown_id, "completed")
    # The server tells no number of tokens: they are guessed, whole ones.
    assert answered.counted > 0 and answered.counted % (Decimal(7) / 1_000_000) == 0
    counter = SpendingCounter.objects.get(key=f"conversation:{turn.conversation_id}")
    assert (counter.reserved, counter.spent) == (0, answered.counted * 10**9)


def test_a_message_that_has_come_in_is_told_once_to_the_model_that_steps_in(
    servers, two, say, conversation, monkeypatch
):
    from chat.services import journal, queue

    first, second = servers
    call = [called(0, "call_1", "no_such_tool", "{}"), delta("tool_calls"), "[DONE]"]
    first.answers = [Quirk("calls", call), failing(503)]
    kept = journal.Journal.keep

    def keep(self, *args, **kwargs):
        kept(self, *args, **kwargs)
        monkeypatch.setattr(journal.Journal, "keep", kept)
        queue.add(conversation, "In blue, please")

    monkeypatch.setattr(journal.Journal, "keep", keep)

    turn = say("Look around", model=two[0].shown_id)

    assert (turn.status, turn.model) == ("completed", two[1].shown_id)
    assert str(second.asked[0]["messages"]).count("In blue, please") == 1
    assert str(turn.history).count("In blue, please") == 1
    assert not QueuedMessage.objects.filter(sent_at=None).exists()
    assert conversation.turns.count() == 1
