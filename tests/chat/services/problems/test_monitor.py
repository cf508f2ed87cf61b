"""What the error monitor does about what it sees: rows and time, no processes."""

from __future__ import annotations

import pytest

from tests.fixtures.problems import TRACEBACK, built, ends, later, only, says, server
from tests.fixtures.rows import make_sandbox, make_turn

pytestmark = pytest.mark.django_db


@pytest.fixture
def sandbox(alice):
    return make_sandbox(alice)


@pytest.fixture
def look():
    from chat.services.problems import watching

    return lambda seconds=0: watching.look(later(seconds=seconds))


def repairs(conversation) -> list:
    return list(conversation.turns.filter(origin="monitor"))


def end(turn, status: str = "completed") -> None:
    from chat.services.endings import end_turn

    end_turn(turn.pk, status)


def audit(conversation) -> list[tuple[str, str]]:
    from chat.services.problems import auditing

    rows = auditing.list_for(conversation)
    return [(row.action, row.reason) for row in reversed(rows)]


def test_an_error_is_repaired_after_ten_quiet_seconds_and_told_as_the_monitors(
    alice, sandbox, look
):
    conversation = built(alice, sandbox, effort="high")
    server(sandbox, TRACEBACK)

    look(5)
    assert repairs(conversation) == []
    look(16)

    (turn,) = repairs(conversation)
    problem = only(conversation)
    message = turn.messages.get(role="user")
    assert (turn.model, turn.effort, turn.status) == ("demo", "high", "queued")
    assert message.by_monitor
    assert "KeyError: 'persons'" in message.parts.get().text
    assert (problem.status, problem.path, problem.line) == ("repairing", "app.py", 12)
    assert audit(conversation) == [("fix", "An error of the app that the model can act on.")]


def test_looking_again_begins_no_second_turn(alice, sandbox, look):
    conversation = built(alice, sandbox)
    server(sandbox, TRACEBACK)
    for seconds in (2, 14, 15, 100, 200):
        look(seconds)

    assert len(repairs(conversation)) == 1


def test_an_error_that_no_repair_mends_costs_two_turns_and_ends_in_a_question(alice, sandbox, look):
    conversation = built(alice, sandbox)
    command = server(sandbox, TRACEBACK)
    look(2)
    for step in range(5):
        look(15 + step * 100)
        for turn in repairs(conversation):
            end(turn)
        look(17 + step * 100)
        says(command, TRACEBACK, later(seconds=18 + step * 100))
        look(20 + step * 100)
        look(32 + step * 100)

    assert len(repairs(conversation)) == 2
    problem = only(conversation)
    assert (problem.needs_person, problem.attempts) == (True, 2)
    card = conversation.messages.last().parts.get(kind="repairs")
    assert card.result["reason"] == "It came back after 2 repairs."
    assert len(card.result["tried"]) == 2
    decided = [action for action, _ in audit(conversation) if action in ("fix", "stop")]
    assert decided == ["fix", "fix", "stop"]


def test_three_repairs_that_mend_nothing_stop_the_monitor(alice, sandbox, look):
    conversation = built(alice, sandbox)
    command = server(sandbox)
    for number in range(5):
        start = number * 100
        says(command, TRACEBACK.replace("persons", "abcde"[number]), later(seconds=start))
        look(start + 2)
        look(start + 14)
        for turn in repairs(conversation):
            end(turn)
            conversation.problems.update(last_seen=later(seconds=start + 50))

    assert len(repairs(conversation)) == 3
    assert conversation.error_monitor.stopped_at is not None


def test_a_server_that_runs_again_without_it_resolves_it(alice, sandbox, look):
    conversation = built(alice, sandbox, fix_errors=False)
    command = server(sandbox, TRACEBACK)
    look(2)
    look(14)
    ends(command, later(seconds=20), 0)
    server(sandbox, "Serving on 3000\n", later(seconds=21))

    look(40)

    assert only(conversation).status == "resolved"


def test_a_repair_that_holds_for_a_minute_resolves_it(alice, sandbox, look):
    conversation = built(alice, sandbox)
    server(sandbox, TRACEBACK)
    look(2)
    look(15)
    end(repairs(conversation)[0])
    look(17)
    assert only(conversation).status == "watched"

    look(90)

    assert only(conversation).status == "resolved"
    assert conversation.error_monitor.fruitless == 0


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"fix_errors": False}, "is off"),
        ({"mode": "plan"}, "plan mode"),
        ({"error_policy": {"command": "ask"}}, "wait for you"),
        ({"archived_at": later()}, "put away"),
    ],
)
def test_what_the_person_has_chosen_is_asked_and_not_repaired(
    alice, sandbox, look, columns, reason
):
    conversation = built(alice, sandbox, **columns)
    server(sandbox, TRACEBACK)
    look(2)
    look(15)

    assert repairs(conversation) == []
    assert only(conversation).needs_person
    assert reason in audit(conversation)[0][1]


def test_the_monitor_waits_while_a_turn_runs_and_while_the_person_types(alice, sandbox, look):
    from chat.services.problems import monitor

    conversation = built(alice, sandbox)
    busy = make_turn(conversation, "running")
    server(sandbox, TRACEBACK)
    look(2)
    look(15)
    assert repairs(conversation) == []
    end(busy)
    monitor.person_types(conversation, later(seconds=20))
    look(25)
    assert repairs(conversation) == []

    look(40)

    assert len(repairs(conversation)) == 1


@pytest.mark.parametrize("status", ["stopped", "failed"])
def test_nothing_is_sent_on_top_of_a_turn_that_did_not_end_well(alice, sandbox, look, status):
    conversation = built(alice, sandbox)
    make_turn(conversation, status)
    server(sandbox, TRACEBACK)
    look(2)
    look(15)

    assert repairs(conversation) == []
    assert audit(conversation)[0][0] == "ask"


def test_a_cap_that_is_reached_stops_repairs_before_they_cost(alice, sandbox, look, settings):
    from decimal import Decimal

    from chat.models import SpendingCounter

    settings.CAP_CONVERSATION = Decimal(1)
    conversation = built(alice, sandbox)
    conversation.model = "openai:x"
    conversation.save()
    SpendingCounter.objects.create(key=f"conversation:{conversation.pk}", spent=2 * 10**9)
    server(sandbox, TRACEBACK)
    look(2)
    look(15)

    assert repairs(conversation) == []
    assert audit(conversation)[0] == (
        "stop",
        "This conversation’s cap is reached, so no repair is paid for.",
    )


def test_what_the_model_has_seen_in_its_own_turn_and_passed_by_is_over(alice, sandbox, look):
    from chat.models import Part
    from tests.fixtures.rows import make_command

    conversation = built(alice, sandbox)
    answer = conversation.messages.last()
    for number, code in enumerate((1, 0)):
        at = later(seconds=number * 5)
        command = make_command(
            sandbox, executable="python3", args=[f"{number}.py"], started_at=at, created_at=at
        )
        if code:
            says(command, TRACEBACK, at)
        ends(command, at, code)
        Part.objects.create(message=answer, position=number + 1, kind="tool_call", command=command)
        look(number * 5 + 2)
    look(20)

    assert repairs(conversation) == []
    assert only(conversation).status == "resolved"


def test_a_persons_click_repairs_and_counts_anew(alice, sandbox, look):
    from chat.services.problems import repairs as mending

    conversation = built(alice, sandbox, fix_errors=False)
    server(sandbox, TRACEBACK)
    look(2)
    look(15)
    problem = only(conversation)

    turn = mending.by_person(conversation, [problem])

    problem.refresh_from_db()
    assert (turn.origin, turn.messages.first().by_monitor) == ("person", False)
    assert (problem.status, problem.attempts, problem.needs_person) == ("repairing", 1, False)


def test_the_oldest_that_is_over_makes_room_and_a_full_list_takes_no_more(
    alice, sandbox, look, settings
):
    settings.PROBLEMS_PER_CONVERSATION = 3
    conversation = built(alice, sandbox, fix_errors=False)
    for word in ("a", "b", "c", "d"):
        server(sandbox, TRACEBACK.replace("persons", word))
    look(2)
    assert conversation.problems.count() == 3
    conversation.problems.update(status="resolved")
    server(sandbox, TRACEBACK.replace("persons", "e"))

    look(4)

    assert conversation.problems.filter(status="open", title__contains="'e'").exists()
