"""Each caller may send so many requests a minute, and is told how many are left."""

from __future__ import annotations

import pytest
from django.test import Client

from chat.models import Conversation
from tests.fixtures.people import client_of
from vibe.accounts.models import User

URL = "/api/v1/models"


@pytest.fixture(autouse=True)
def four_a_minute(settings) -> None:
    settings.API_RATE = 16


def test_every_answer_says_what_is_left(as_alice: Client) -> None:
    first, second = as_alice.get(URL), as_alice.get(URL)
    assert first["RateLimit-Limit"] == "4"
    assert [first["RateLimit-Remaining"], second["RateLimit-Remaining"]] == ["3", "2"]


def test_too_many_requests_are_told_when_to_come_back(as_alice: Client) -> None:
    answers = [as_alice.get(URL) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]
    refused = answers[-1]
    assert 1 <= int(refused["Retry-After"]) <= 4
    assert refused.json()["error"]["code"] == "limit"
    assert refused["RateLimit-Remaining"] == "0"


def test_the_limit_of_one_key_leaves_the_others_alone(alice: User, as_alice: Client) -> None:
    for _ in range(5):
        as_alice.get(URL)
    assert client_of(alice).get(URL).status_code == 200


def test_a_refused_request_is_not_carried_out(as_alice: Client) -> None:
    for _ in range(4):
        as_alice.get(URL)
    as_alice.post("/api/v1/conversations", {}, content_type="application/json")
    assert not Conversation.objects.exists()


def test_zero_means_no_limit(as_alice: Client, settings) -> None:
    settings.API_RATE = 0
    answers = [as_alice.get(URL) for _ in range(6)]
    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit-Limit" not in answers[0]
