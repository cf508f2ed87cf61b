from __future__ import annotations

import pytest
from django.test import Client

from tests.fixtures.rows import make_sandbox
from vibe.accounts.models import User

URL = "/api/v1/sandboxes"


def test_it_works(as_alice: Client, alice: User) -> None:
    sandbox = make_sandbox(alice, "todo", ports=[3000], env={"TOKEN": "secret"})
    answer = as_alice.get(URL).json()
    assert answer["next"] is None
    (item,) = answer["items"]
    assert item["id"] == sandbox.id
    assert item["name"] == "todo"
    assert item["status"] == "running"
    assert item["ports"] == [3000]
    assert item["session"]["isolation"] == "full"
    assert item["expires_at"] == item["session"]["expires_at"]


def test_values_of_the_environment_are_never_shown(as_alice: Client, alice: User) -> None:
    make_sandbox(alice, env={"TOKEN": "s3cret"})
    assert b"s3cret" not in as_alice.get(URL).content


def test_bob_does_not_see_the_sandboxes_of_alice(as_bob: Client, alice: User) -> None:
    make_sandbox(alice)
    assert as_bob.get(URL).json()["items"] == []


def test_more_sandboxes_are_not_more_queries(
    as_alice: Client, alice: User, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    as_alice.get(URL)
    for number in range(20):
        make_sandbox(alice, f"s{number}")
    with django_assert_max_num_queries(3):
        assert len(as_alice.get(URL).json()["items"]) == 20
