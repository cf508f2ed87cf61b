"""Each caller may send so many requests a minute, and is told how many are left."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from unittest import mock

import pytest
from django.test import Client

from chat.models import Conversation
from tests.fixtures.people import client_of
from vibe.accounts.models import User
from vibe.accounts.services import api_keys, sandbox_tokens

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


def asked(header: str, **sent: str) -> int:
    return Client(headers={"authorization": header}).get(URL, **sent).status_code


def test_ways_of_writing_a_key_are_one_key(alice: User) -> None:
    _, key = api_keys.create(alice)
    for header in (f"Bearer {key}", f"bearer {key}", f"BEARER  {key}", f"Bearer {key} "):
        asked(header)
    assert asked(f"bEARER {key}") in (401, 429)
    assert asked(f"Bearer {key}") == 429


def test_cookies_beside_a_key_make_no_other_caller(alice: User) -> None:
    _, key = api_keys.create(alice)
    codes = [
        asked(f"Bearer {key}", HTTP_COOKIE=f"vibe_session={number}; a={number}")
        for number in range(5)
    ]
    assert codes == [200] * 4 + [429]


def test_tokens_made_from_one_key_are_one_caller(alice: User) -> None:
    row, _ = api_keys.create(alice)
    later = [datetime.now().timestamp() + number for number in range(5)]
    codes = []
    for moment in later:
        with mock.patch("time.time", return_value=moment):
            token = sandbox_tokens.issue(row)
        client = Client(headers={"authorization": f"Bearer {token}"})
        codes.append(client.get("/vercel/v2/sandboxes").status_code)
    assert codes == [200] * 4 + [429]


def test_sessions_of_a_user_are_one_caller(alice: User) -> None:
    codes = []
    for _ in range(5):
        client = Client()
        client.force_login(alice)
        codes.append(client.get(URL).status_code)
    assert codes == [200] * 4 + [429]


def test_keys_without_number_do_not_lift_the_limit(alice: User) -> None:
    keys = [client_of(alice) for _ in range(40)]
    codes = [key.get(URL).status_code for key in keys]
    # Four times what one key may, and the few that come back meanwhile.
    assert codes[:16] == [200] * 16
    assert 429 in codes[16:]


def test_strangers_are_counted_by_their_address(db: None) -> None:
    codes = [asked(f"Bearer vibe_{number:040}") for number in range(5)]
    assert codes == [401] * 4 + [429]
    assert asked("Bearer eyJ.eyJ.x") == 429
    assert Client(headers={"cookie": "vibe_session=x"}).get(URL).status_code == 429
    assert asked("Bearer x", REMOTE_ADDR="192.0.2.1") == 401


def test_strangers_take_nothing_from_those_behind_the_same_address(as_alice: Client) -> None:
    for _ in range(6):
        asked("Bearer wrong")
    assert as_alice.get(URL).status_code == 200


def test_what_a_key_may_not_do_counts_too(alice: User) -> None:
    client = client_of(alice, "chat")
    codes = [client.get("/api/v1/keys").status_code for _ in range(5)]
    assert codes == [403] * 4 + [429]


def test_the_other_api_says_it_in_its_own_words(as_alice: Client) -> None:
    answers = [as_alice.get("/vercel/v2/sandboxes") for _ in range(5)]
    assert answers[-1].status_code == 429
    assert answers[-1].json()["error"]["code"] == "rate_limited"
    assert int(answers[-1]["Retry-After"]) >= 1


def test_a_request_costs_no_further_query(
    as_alice: Client, django_assert_max_num_queries: Any
) -> None:
    as_alice.get(URL)
    with django_assert_max_num_queries(1):  # the key and its user
        as_alice.get("/api/v1/me")
