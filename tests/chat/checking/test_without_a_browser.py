"""Where there is no browser: one request, what the person's own preview reports, and saying so."""

from __future__ import annotations

import pytest

from chat.checking import own_preview
from chat.models import Check, Problem
from chat.services import problems

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]

PAGE = "<!doctype html><title>Shop</title><h1>Shop</h1>"
ALONE = "It was looked at over HTTP, and by what your own open preview reports, alone: "
BROKEN = """import http.server
class App(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_error(500)
http.server.HTTPServer(("", 3000), App).serve_forever()
"""


@pytest.fixture(autouse=True)
def no_browser(settings, monkeypatch):
    settings.CHROMIUM = "/nowhere/chromium"
    monkeypatch.setattr(own_preview, "PATIENCE", 0.0)


def test_what_answers_is_unchecked_and_says_how_to_get_a_browser(checked, conversation):
    check = checked({"index.html": PAGE})
    assert (check.status, check.visit) == (Check.Status.UNCHECKED, None)
    assert check.reason.startswith(f"{ALONE}/nowhere/chromium is no program. Install Chromium")
    outcomes = {one["what"]: one["outcome"] for one in check.steps}
    assert outcomes == {
        "Port 3000 answers": "ok", "The page has content": "ok", own_preview.WHAT: "note",
    }  # fmt: skip
    assert not conversation.problems.exists()


def test_an_answer_of_500_fails(checked):
    check = checked({"app.py": BROKEN}, line=("python3", "app.py"))
    assert (check.status, check.reason.split(".")[0]) == (
        Check.Status.FAILED,
        "Port 3000 answers: Status 500",
    )


def test_an_error_in_the_persons_open_preview_fails_it_and_is_one_problem(
    carry_out, left, conversation
):
    old = {"kind": "error", "message": "Error: of the version before"}
    problems.report_browser_errors(conversation, [old])
    check_id = left({"index.html": PAGE})
    said = {"kind": "error", "message": "TypeError: cart is undefined", "source": "/app.js"}
    problems.report_browser_errors(conversation, [said])
    check = carry_out(check_id)
    assert (check.status, check.reason) == (
        Check.Status.FAILED,
        f"{own_preview.WHAT}: TypeError: cart is undefined",
    )
    found = Problem.objects.filter(conversation=conversation)
    assert sorted(found.values_list("kind", flat=True)) == ["browser", "browser"]
