"""A server's traceback and the answer that it makes fail are one row, with both as evidence."""

from __future__ import annotations

import pytest

from chat.models import Conversation, Problem
from tests.fixtures.problems import TRACEBACK, built, later, only, server
from tests.fixtures.rows import make_sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def sandbox(alice):
    return make_sandbox(alice)


@pytest.fixture
def app(alice, sandbox) -> Conversation:
    return built(alice, sandbox)


def fails(sandbox, path: str = "/split", status: int = 500) -> None:
    from chat.services.problems import reports
    from sandboxes.services.server_faults import Answer

    reports.server_answered(Answer(sandbox.pk, 3000, "POST", path, status))


def look(seconds: float = 2) -> None:
    from chat.services.problems import watching

    watching.look(later(seconds=seconds))


def titles(app: Conversation) -> list[str]:
    return sorted(app.problems.values_list("title", flat=True))


def evidence(problem: Problem) -> list[tuple[str, int]]:
    return [(one["title"], one["count"]) for one in problem.evidence]


def test_the_answer_comes_first_and_goes_into_the_traceback(app, sandbox, as_alice):
    fails(sandbox)
    server(sandbox, TRACEBACK)
    look()
    assert titles(app) == ["KeyError: 'persons'"]
    fails(sandbox)
    assert evidence(only(app)) == [("POST /split answered 500", 2)]
    told = as_alice.get(f"/api/v1/conversations/{app.pk}/problems").json()["items"]
    assert [one["evidence"][0]["title"] for one in told] == ["POST /split answered 500"]


def test_one_repair_is_told_of_both(app, sandbox):
    fails(sandbox)
    server(sandbox, TRACEBACK)
    look()
    look(15)
    turn = app.turns.get(origin="monitor")
    text = turn.messages.get(role="user").parts.get().text
    assert text.startswith("Fix this error of the app.")
    assert "Seen as: POST /split answered 500" in text


def test_which_of_two_tracebacks_is_meant_is_not_guessed(app, sandbox):
    server(sandbox, TRACEBACK + TRACEBACK.replace("persons", "sum"))
    look()
    fails(sandbox)
    assert titles(app) == ["KeyError: 'persons'", "KeyError: 'sum'", "POST /split answered 500"]


def test_the_one_that_names_the_path_is_meant(app, sandbox):
    named = TRACEBACK.replace("KeyError: 'persons'", "BuildError: no such page as /split")
    server(sandbox, TRACEBACK + named)
    look()
    fails(sandbox)
    found = {one.title: evidence(one) for one in app.problems.all()}
    assert found == {
        "KeyError: 'persons'": [],
        "BuildError: no such page as /split": [("POST /split answered 500", 1)],
    }


def test_an_answer_long_after_or_of_a_repaired_error_is_a_row_of_its_own(app, sandbox):
    server(sandbox, TRACEBACK)
    look()
    Problem.objects.update(last_seen=later(seconds=-60))
    fails(sandbox)
    assert titles(app) == ["KeyError: 'persons'", "POST /split answered 500"]
    Problem.objects.filter(kind="server").delete()
    known = {"kind": "server", "title": "POST /split answered 500", "count": 1, "last_seen": ""}
    Problem.objects.update(status="watched", evidence=[known])
    fails(sandbox)
    assert len(titles(app)) == 2
