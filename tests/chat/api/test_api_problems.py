"""Problems through the API."""

from __future__ import annotations

import json

import pytest

from tests.fixtures.problems import TRACEBACK, built, later, server
from tests.fixtures.rows import make_sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(alice):
    from chat.services.problems import watching

    sandbox = make_sandbox(alice)
    made = built(alice, sandbox, fix_errors=False)
    server(sandbox, TRACEBACK + "npm warn deprecated inflight@1.0.6\n")
    watching.look(later(seconds=2))
    watching.look(later(seconds=15))
    return made


def send(client, method: str, path: str, data: object = None):
    body = json.dumps(data) if data is not None else ""
    return client.generic(method, f"/api/v1/{path}", body, content_type="application/json")


def test_the_list_says_what_and_where_and_what_was_decided(as_alice, conversation):
    answer = send(as_alice, "GET", f"conversations/{conversation.pk}/problems").json()

    error, warning = answer["items"]
    assert (error["title"], error["path"], error["line"]) == ("KeyError: 'persons'", "app.py", 12)
    assert (error["status"], error["needs_person"], error["count"]) == ("open", True, 1)
    assert warning["severity"] == "warning"
    assert warning["reason"].startswith("Not actionable, because it is a deprecation")
    assert answer["monitor"]["policy"]["browser"] == "fix"
    decisions = send(as_alice, "GET", f"conversations/{conversation.pk}/problems/decisions").json()
    assert {one["action"] for one in decisions["items"]} == {"ask", "ignore"}


def test_one_is_ignored_taken_back_and_fixed(as_alice, conversation):
    problem = conversation.problems.get(severity="error").pk

    ignored = send(as_alice, "PATCH", f"problems/{problem}", {"status": "ignored"})
    back = send(as_alice, "PATCH", f"problems/{problem}", {"status": "open"})
    fixed = send(as_alice, "POST", f"problems/{problem}/fix")
    again = send(as_alice, "POST", f"problems/{problem}/fix")

    assert [one.status_code for one in (ignored, back, fixed, again)] == [200, 200, 202, 409]
    assert (ignored.json()["status"], back.json()["status"]) == ("ignored", "open")
    assert fixed.json()["status"] == "queued"


def test_reports_of_a_browser_are_bounded_and_become_problems(as_alice, conversation):
    path = f"conversations/{conversation.pk}/problems/reports"
    report = {"kind": "error", "message": "TypeError: x is undefined", "line": 4}

    taken = send(as_alice, "POST", path, {"reports": [report, report, {"kind": 7}]})
    many = send(as_alice, "POST", path, {"reports": [report] * 21})
    rest = [send(as_alice, "POST", path, {"reports": []}).status_code for _ in range(35)]

    assert (taken.status_code, many.status_code) == (204, 422)
    assert conversation.problems.get(kind="browser").count == 2
    assert set(rest) == {204, 429}


def test_strangers_find_no_problem(as_bob, conversation):
    problem = conversation.problems.first().pk

    answers = [
        send(as_bob, "GET", f"conversations/{conversation.pk}/problems"),
        send(as_bob, "PATCH", f"problems/{problem}", {"status": "ignored"}),
        send(as_bob, "POST", f"conversations/{conversation.pk}/problems/reports", {"reports": []}),
    ]

    assert [one.status_code for one in answers] == [404, 404, 404]


def test_a_policy_by_kind_is_kept_and_a_wrong_one_refused(as_alice, conversation):
    path = f"conversations/{conversation.pk}/problems/policy"

    kept = send(as_alice, "PUT", path, {"browser": "ignore"})
    wrong = send(as_alice, "PUT", path, {"browser": "always"})

    assert kept.json()["policy"]["browser"] == "ignore"
    assert wrong.status_code == 422
