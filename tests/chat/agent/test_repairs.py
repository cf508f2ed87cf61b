"""Repairs by a scripted model over real HTTP: planted errors of the four sources, and one that
no repair mends."""

from __future__ import annotations

import pytest

from tests.fixtures.noise import BROWSER_NOISE, NOISE
from tests.fixtures.problems import TRACEBACK, built, ends, later, only, says, server
from tests.fixtures.rows import make_sandbox

COMMANDS = [
    TRACEBACK,
    "ReferenceError: x is not defined\n    at f (/vercel/sandbox/a.js:1:1)\n",
    "./main.go:10:2: undefined: total\n",
    "src/a.ts(12,5): error TS2322: Type 'string' is not assignable to type 'number'.\n",
    "Error: listen EADDRINUSE: address already in use :::3000\n",
]
ANSWERS = [
    ("GET", "/", 500),
    ("POST", "/api/notes", 500),
    ("GET", "/api/notes/1", 502),
    ("PUT", "/api/notes/1", 503),
    ("GET", "/list", 500),
]
REPORTS = [
    {"kind": "error", "message": "TypeError: items.map is not a function", "source": "/app.js"},
    {"kind": "rejection", "message": "SyntaxError: Unexpected token '<'"},
    {"kind": "error", "message": "ReferenceError: total is not defined", "line": 7},
    {"kind": "console", "message": "Error: Minified React error #31"},
    {"kind": "unhandledrejection", "message": "TypeError: Failed to fetch"},
]
CHECKS = [
    "The page is blank.",
    "The button “Save” does nothing.",
    "Nothing answers on port 3000.",
    "The test test_total fails.",
    "The form loses its data.",
]


@pytest.fixture
def model(llmock, settings):
    settings.OPENAI_API_KEY = "sk-very-secret-key"
    settings.OPENAI_BASE_URL = llmock.base_url("openai")
    llmock.tool_mode("off")
    return llmock


@pytest.fixture
def look():
    from chat.services.problems import watching

    return lambda seconds: watching.look(later(seconds=seconds))


def answered(conversation) -> int:
    """Let the model work on the repairs that have begun; how many."""
    from chat.agent import runtime

    begun = list(conversation.turns.filter(origin="monitor", status="queued"))
    for turn in begun:
        runtime.run(turn.pk)
        turn.refresh_from_db()
        assert turn.status == "completed"
    return len(begun)


def shown(kind: str, number: int, conversation) -> None:
    from chat.services import problems
    from sandboxes.services.server_faults import Answer

    if kind == "command":
        server(conversation.sandbox, COMMANDS[number], args=[f"{number}.py"])
    elif kind == "server":
        problems.server_answered(Answer(conversation.sandbox_id, 3000, *ANSWERS[number]))
    elif kind == "browser":
        problems.report_browser_errors(conversation, [REPORTS[number]])
    else:
        problems.report_check(conversation.turns.first(), CHECKS[: number + 1])


def mended(kind: str, number: int, conversation) -> None:
    """What showed it shows it no more."""
    from chat.services import problems
    from sandboxes.services.server_faults import Answer

    if kind == "command":
        line = [f"{number}.py"]
        ends(conversation.sandbox.commands.get(args=line), later(seconds=18))
        server(conversation.sandbox, "Serving\n", later(seconds=19), args=line)
    elif kind == "server":
        method, path, _ = ANSWERS[number]
        problems.server_answered(Answer(conversation.sandbox_id, 3000, method, path, 200))
    elif kind == "check":
        problems.report_check(conversation.turns.last(), [])


@pytest.mark.parametrize("kind", ["command", "server", "browser", "check"])
def test_five_planted_errors_are_repaired_without_a_click(model, owner, look, kind):
    conversation = built(owner, make_sandbox(owner))
    conversation.model = "custom:mock"
    conversation.save()
    for number in range(5):
        shown(kind, number, conversation)
    model.reply("I have mended them.")
    look(2)
    look(15)

    assert answered(conversation) == 1

    for number in range(5):
        mended(kind, number, conversation)
    look(35)
    look(100)
    found = conversation.problems.values_list("status", "attempts", "kind")
    assert list(found) == [("resolved", 1, kind)] * 5


def test_an_error_that_cannot_be_mended_is_paid_for_twice_and_then_asked_about(model, owner, look):
    from chat.models import ModelRequest

    conversation = built(owner, make_sandbox(owner))
    conversation.model = "custom:mock"
    conversation.save()
    command = server(conversation.sandbox, TRACEBACK)
    model.reply("I have changed something. It should work now.", times=9)
    look(2)
    for step in range(5):
        begin = 15 + step * 70
        look(begin)
        answered(conversation)
        look(begin + 2)
        says(command, TRACEBACK, later(seconds=begin + 30))
        look(begin + 32)

    assert ModelRequest.objects.filter(conversation=conversation).count() == 2
    problem = only(conversation)
    assert (problem.status, problem.needs_person) == ("open", True)
    card = conversation.messages.last().parts.get(kind="repairs")
    assert [one["said"] for one in card.result["tried"]] == [
        "I have changed something. It should work now."
    ] * 2
    second = conversation.turns.filter(origin="monitor").last().messages.first().parts.get()
    assert "A repair before this one did not help" in second.text


def test_noise_of_every_source_begins_no_turn(model, owner, look):
    from chat.services import problems

    conversation = built(owner, make_sandbox(owner))
    server(conversation.sandbox, "\n".join(NOISE))
    problems.report_browser_errors(conversation, BROWSER_NOISE)
    look(2)
    look(30)

    assert answered(conversation) == 0
    assert conversation.problems.exists()
    assert set(conversation.problem_decisions.values_list("action", flat=True)) == {"ignore"}


@pytest.mark.parametrize(
    ("said", "action", "reason"),
    [
        ("NO: the line only reports its progress", "ignore", "Not actionable, because the line"),
        ("YES: the data file is missing", "fix", "the data file is missing"),
        ("I cannot say", "ask", "Rules cannot tell"),
    ],
)
def test_what_rules_cannot_tell_a_cheap_model_judges_once(
    model, owner, look, settings, said, action, reason
):
    from chat import jobs

    settings.PROBLEM_JUDGE = "custom:judge"
    conversation = built(owner, make_sandbox(owner))
    server(conversation.sandbox, "error while reading items\n")
    model.reply(said)
    look(2)
    look(15)
    jobs.judge_problem(only(conversation).pk)
    look(20)
    look(130)

    decision = conversation.problem_decisions.get()
    assert (decision.action, decision.by == "model") == (action, action != "ask")
    assert reason in decision.reason
    assert len(model.requests) == 1
