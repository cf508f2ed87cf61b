"""What a request gets that found no thread in time."""

from __future__ import annotations

import json

import pytest
from django.test import RequestFactory

from vibe.refusal import Code
from vibe.shares import Busy
from vibe.turned_away import turned_away

pytestmark = pytest.mark.unit

MINE = Busy("You have 16 requests under way.", "Try again in 4 s.", Code.LIMIT, retry_after=4)
ALL = Busy("All places are taken.", "Try again in 4 s.", Code.UNAVAILABLE, retry_after=4)
REQUESTS = RequestFactory()


@pytest.mark.parametrize(("busy", "status"), [(MINE, 429), (ALL, 503)])
@pytest.mark.parametrize("path", ["/api/v1/sandboxes", "/vercel/v2/sandboxes", "/sandboxes/"])
def test_it_says_which_limit_it_was_and_when_to_try_again(
    path: str, busy: Busy, status: int
) -> None:
    answer = turned_away(REQUESTS.get(path), busy)

    assert answer.status_code == status
    assert answer["Retry-After"] == "4"


def test_a_program_reads_the_form_of_its_api() -> None:
    native = json.loads(turned_away(REQUESTS.get("/api/v1/me"), MINE).content)
    vercel = json.loads(turned_away(REQUESTS.get("/vercel/v2/x"), MINE).content)

    assert native["error"] == {"code": "limit", "message": MINE.message, "hint": MINE.hint}
    assert vercel["error"]["code"] == "rate_limited"
    assert MINE.message in vercel["error"]["message"]


def test_a_page_that_is_open_shows_a_notice() -> None:
    answer = turned_away(REQUESTS.post("/sandboxes/x/stop/", headers={"HX-Request": "true"}), ALL)

    assert answer.status_code == 499  # htmx swaps no 5xx
    assert b"<hx-partial" in answer.content
    assert ALL.message.encode() in answer.content


def test_a_page_says_it_in_words_runs_nothing_and_is_kept_by_nobody() -> None:
    answer = turned_away(REQUESTS.get("/sandboxes/"), MINE)

    assert MINE.message.encode() in answer.content
    assert b"<script" not in answer.content
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "private, no-store"
