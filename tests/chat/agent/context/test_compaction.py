"""Earlier turns become a summary near the end of the model's context, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from chat.models import ModelRequest, Summary, Turn
from tests.chat.agent.context.conftest import MODELS, answer, is_summing_up, told
from tests.chat.agent.quirks import Quirk, called, delta, ended, use

RULE = "Always indent with tabs, never touch legacy.py."
LONG = "We talk about the shop. " * 120


def heard(conversation, begin: int, end: int) -> None:
    """Turns that were answered, without asking anybody."""
    for number in range(begin, end):
        asked = {"part_kind": "user-prompt", "content": f"Request {number}. {LONG}"}
        said = {"part_kind": "text", "content": "Ordinary."}
        Turn.objects.create(
            conversation=conversation,
            model="custom:mock",
            status="completed",
            history=[{"kind": "request", "parts": [asked]}, {"kind": "response", "parts": [said]}],
        )


@pytest.fixture
def filled(conversation, say) -> Callable:
    """Turns of the conversation; the last ones are answered over HTTP, and returned."""

    def fill(model: str, turns: int, *, answered: int = 3) -> list:
        heard(conversation, 0, turns - answered)
        numbers = range(turns - answered, turns)
        return [say(f"Request {number}. {LONG}", model=model) for number in numbers]

    return fill


@pytest.mark.parametrize("model", MODELS)
def test_a_rule_of_turn_1_is_in_the_request_of_turn_60_after_compactions(
    summing_up, conversation, say, model
):
    say(RULE, model=model)
    for number in range(2, 60, 10):
        heard(conversation, number, min(number + 9, 59))
        say(f"Request {min(number + 9, 59)}. {LONG}", model=model)

    last = say("Request 60", model=model)

    assert (last.status, last.error) == ("completed", None)
    assert Summary.objects.count() >= 2
    assert RULE in told(summing_up.asked[-1])
    assert "Request 60" in told(summing_up.asked[-1])
    assert summing_up.broken == []


@pytest.mark.parametrize("model", MODELS)
def test_earlier_turns_go_and_their_summary_comes(summing_up, say, parts, model, filled):
    turns = filled(model, 12)

    summary = Summary.objects.get()
    request = told(summing_up.asked[-1])
    assert summary.text in request and "Request 11." in request
    assert request.count(LONG.strip()) < 12
    shown = [part for turn in turns for part in parts(turn) if part.kind == "summary"]
    assert [(part.state, part.result["summary"]) for part in shown] == [("done", summary.pk)]
    assert summary.author == "model"


def test_a_summary_that_fails_is_replaced_by_a_digest(server, say, filled):
    server.answering = lambda asked: (
        Quirk("broken", ["{}"], ["{}"], code=500, kind="application/json")
        if is_summing_up(asked)
        else None
    )

    turns = filled("custom:mock", 12)

    assert {turn.status for turn in turns} == {"completed"}
    summary = Summary.objects.get()
    assert summary.author == "platform"
    assert "Request 0." in summary.text
    assert "Request 11." in told(server.asked[-1])


@pytest.mark.parametrize("model", MODELS)
def test_a_turn_that_overflows_in_its_middle_goes_on_with_its_own_request(
    summing_up, listing, say, parts, model
):
    def step(number: int) -> Quirk:
        call_id = f"call_{number}"
        arguments = f'{{"path": "folder{number}"}}'
        return Quirk(
            "a call",
            [called(0, call_id, "list_files", arguments), delta("tool_calls"), "[DONE]"],
            [*use(0, call_id, None, arguments), *ended("tool_use")],
        )

    summing_up.answers = [step(number) for number in range(15)]
    turn = say("List every folder, and use tabs.", model=model)

    assert (turn.status, turn.error) == ("completed", None)
    summary = Summary.objects.latest("created_at")
    assert summary.through_id == turn.pk and summary.steps > 2
    request = told(summing_up.asked[-1])
    assert "List every folder, and use tabs." in request
    assert "SUMMARY" in request
    assert "folder14/0199.txt" in request and "folder0/0199.txt" not in request
    assert summing_up.broken == []
    # The originals are kept.
    assert "folder0/0199.txt" in str(turn.history)


def test_the_turn_after_one_that_overflowed_is_told_the_same_beginning(summing_up, listing, say):
    call = Quirk(
        "a call", [called(0, "c", "list_files", '{"path": "x"}'), delta("tool_calls"), "[DONE]"]
    )
    summing_up.answers = [call] * 15
    say("List them", model="custom:mock")
    before = summing_up.asked[-1]["messages"]

    say("And now?", model="custom:mock")

    assert summing_up.asked[-1]["messages"][: len(before)] == before


@pytest.mark.parametrize("model", MODELS)
def test_one_step_that_is_too_much_alone_is_cut_and_the_request_stays(
    summing_up, listing, say, model
):
    arguments = '{"path": "many"}'
    calls = [called(n, f"c{n}", "list_files", arguments) for n in range(12)]
    uses = [event for n in range(12) for event in use(n, f"c{n}", None, arguments)]
    summing_up.answers = [
        Quirk("calls", [*calls, delta("tool_calls"), "[DONE]"], [*uses, *ended("tool_use")])
    ]

    turn = say("List it twelve times", model=model)

    assert (turn.status, turn.error) == ("completed", None)
    request = told(summing_up.asked[-1])
    assert "List it twelve times" in request and "characters" in request
    assert len(request) < 16_000 * 3.5
    assert summing_up.broken == []


def test_a_provider_that_finds_a_request_too_long_is_asked_again_with_a_summary(
    summing_up, say, settings, filled
):
    settings.CONTEXT_SIZE = 100_000
    inner = summing_up.answering
    refused = []

    def answering(asked):
        if not is_summing_up(asked) and len(told(asked)) > 20_000:
            refused.append(asked)
            told_why = {"message": "too long", "code": "context_length_exceeded"}
            error = json.dumps({"error": told_why})
            return Quirk("too long", [error], [error], code=400, kind="application/json")
        return inner(asked)

    summing_up.answering = answering
    turns = filled("custom:mock", 8)

    assert {turn.status for turn in turns} == {"completed"}
    assert refused and Summary.objects.exists()


def test_what_a_person_has_edited_is_what_the_model_is_told(summing_up, say, filled):
    from chat.services.context import summaries

    filled("custom:mock", 12)
    summaries.change(Summary.objects.get(), "It is a bakery, not a shop.")

    say("Go on", model="custom:mock")

    request = told(summing_up.asked[-1])
    assert "It is a bakery, not a shop." in request and "SUMMARY" not in request


def test_a_turn_that_is_tried_again_keeps_the_summary(summing_up, say, conversation, filled):
    from chat.agent import runtime
    from chat.services import turns

    filled("custom:mock", 12)
    inner = summing_up.answering
    summing_up.answering = lambda asked: Quirk(
        "broken", ["{}"], ["{}"], code=401, kind="application/json"
    )
    failed = say("Once more", model="custom:mock")
    summing_up.answering = inner

    again = turns.retry_turn(failed)
    runtime.run(again.pk)

    again.refresh_from_db()
    assert again.status == "completed"
    request = told(summing_up.asked[-1])
    assert "SUMMARY" in request and "Once more" in request


def test_nothing_is_summed_up_where_the_setting_says_never(summing_up, say, settings, filled):
    settings.COMPACT_AT = 0

    filled("custom:mock", 12)

    assert not Summary.objects.exists()
    assert told(summing_up.asked[-1]).count("Request ") == 12


def test_what_the_provider_has_counted_decides_when_a_summary_is_made(server, say, filled):
    server.answering = lambda asked: answer("SUMMARY" if is_summing_up(asked) else "Fine.", 15_000)

    filled("custom:mock", 5, answered=5)

    assert Summary.objects.exists()


def test_a_turn_that_fails_behind_its_summary_goes_on_from_there(summing_up, listing, say):
    from chat.agent import runtime
    from chat.services import turns

    call = Quirk(
        "a call", [called(0, "c", "list_files", '{"path": "x"}'), delta("tool_calls"), "[DONE]"]
    )
    broken = Quirk("broken", ["{}"], ["{}"], code=401, kind="application/json")
    summing_up.answers = [*[call] * 14, broken]
    failed = say("List them, and use tabs.", model="custom:mock")
    assert failed.status == "failed" and Summary.objects.exists()

    again = turns.retry_turn(failed)
    runtime.run(again.pk)

    again.refresh_from_db()
    assert (again.status, again.error) == ("completed", None)
    request = told(summing_up.asked[-1])
    assert request.count("List them, and use tabs.") >= 1 and "SUMMARY" in request
    assert len(request) < 12_000 * 3.5
    assert summing_up.broken == []


def test_the_demo_model_goes_on_in_a_conversation_that_was_summed_up(
    summing_up, say, parts, filled
):
    filled("custom:mock", 12)

    turn = say("Hello", model="demo")

    assert turn.status == "completed"
    assert "SUMMARY" not in "".join(part.text for part in parts(turn))


def test_what_summing_up_takes_counts_as_used_by_the_turn(server, say, filled):
    server.answering = lambda asked: answer("SUMMARY" if is_summing_up(asked) else "Fine.", 15_000)

    used = [turn.input_tokens for turn in filled("custom:mock", 5, answered=5)]

    assert max(used) >= 30_000


def test_what_a_smaller_model_cannot_read_at_once_it_sums_up_in_stretches(
    summing_up, say, settings, filled
):
    settings.CONTEXT_SIZE = 200_000
    filled("custom:mock", 40)
    assert not Summary.objects.exists()
    settings.CONTEXT_SIZE = 16_000

    turn = say("Go on", model="custom:mock")

    assert turn.status == "completed"
    asked = [told(one) for one in summing_up.asked if is_summing_up(one)]
    assert len(asked) > 1 and "SUMMARY 1" in asked[1]
    assert all(f"Request {number}." in "".join(asked) for number in range(35))
    assert Summary.objects.get().text.startswith(f"SUMMARY {len(asked)}")


def test_the_request_that_sums_up_is_written_down_with_what_it_costs(summing_up, filled):
    filled("custom:mock", 12)

    assert any(map(is_summing_up, summing_up.asked))
    assert ModelRequest.objects.count() == len(summing_up.asked)
