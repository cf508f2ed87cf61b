"""The network policy by the API: set at the start, read, changed, never with a secret in it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from sandboxes.models import Sandbox
from tests.fixtures.rows import make_command, make_sandbox
from vibe.accounts.models import User

URL = "/api/v1/sandboxes"
RULED = {"allow": {"api.example": [{"transform": [{"headers": {"Authorization": "hush"}}]}]}}


def put(client: Client, sandbox: Sandbox, body: Any) -> Any:
    url = f"{URL}/{sandbox.pk}/network-policy"
    return client.put(url, body, content_type="application/json")


def test_a_new_sandbox_reaches_registries(as_alice: Client, alice: User) -> None:
    sandbox = make_sandbox(alice)
    assert as_alice.get(f"{URL}/{sandbox.pk}").json()["network_policy"] == {"mode": "registries"}


def test_it_is_given_at_creation(as_alice: Client) -> None:
    body = {"start": False, "network_policy": {"allow": ["*.example.org"]}}
    answer = as_alice.post(URL, body, content_type="application/json")
    assert answer.status_code == 201
    assert answer.json()["network_policy"] == {
        "mode": "custom",
        "allowedDomains": ["*.example.org"],
    }


@pytest.mark.parametrize("body", ['"deny-all"', '{"mode": "deny-all"}'])
def test_it_is_changed(as_alice: Client, alice: User, body: str) -> None:
    sandbox = make_sandbox(alice, status="stopped")
    assert put(as_alice, sandbox, body).json()["mode"] == "deny-all"
    assert as_alice.get(f"{URL}/{sandbox.pk}/network-policy").json()["mode"] == "deny-all"


def test_a_patch_changes_it_too(as_alice: Client, alice: User) -> None:
    sandbox = make_sandbox(alice, status="stopped")
    url = f"{URL}/{sandbox.pk}"
    answer = as_alice.patch(url, {"network_policy": "internet"}, content_type="application/json")
    assert answer.json()["network_policy"] == {"mode": "internet"}


def test_header_values_are_never_shown(as_alice: Client, alice: User) -> None:
    sandbox = make_sandbox(alice, status="stopped")
    answer = put(as_alice, sandbox, RULED)
    assert answer.json()["injectionRules"] == [
        {"domain": "api.example", "headerNames": ["Authorization"]}
    ]
    shown = [answer.content, as_alice.get(f"{URL}/{sandbox.pk}").content]
    shown.append(as_alice.get(f"{URL}/{sandbox.pk}/events").content)
    assert b"hush" not in b"".join(shown)


@pytest.mark.parametrize("body", ["{", '{"allow": ["http://x"]}', "3", "null", '{"mode": "x"}'])
def test_what_is_no_policy_is_refused_with_a_hint(as_alice: Client, alice: User, body: str) -> None:
    answer = put(as_alice, make_sandbox(alice), body)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] and answer.json()["error"]["hint"]


def test_nobody_changes_the_policy_of_somebody_else(as_alice: Client, bob: User) -> None:
    sandbox = make_sandbox(bob)
    assert put(as_alice, sandbox, '"internet"').status_code == 404
    sandbox.refresh_from_db()
    assert sandbox.network_policy == {}


def test_one_more_host_is_allowed(as_alice: Client, alice: User) -> None:
    sandbox = make_sandbox(alice, status="stopped")
    url = f"{URL}/{sandbox.pk}/network-policy/hosts"
    for body in ({"host": "Code.example"}, {"host": "db.example", "port": 5432}):
        answer = as_alice.post(url, body, content_type="application/json")
    assert answer.json()["mode"] == "registries"
    assert answer.json()["allowedDomains"] == ["code.example", "db.example:5432"]
    for body, status in (
        ({"host": "*"}, 400),
        ({"host": ""}, 400),
        ({"host": "a.example", "port": 0}, 422),
    ):
        assert as_alice.post(url, body, content_type="application/json").status_code == status


def test_nobody_goes_beyond_the_operators_ceiling(
    as_alice: Client, alice: User, settings: Any
) -> None:
    settings.NETWORK_CEILING = "registries"
    sandbox = make_sandbox(alice, status="stopped")
    url = f"{URL}/{sandbox.pk}/network-policy"
    answers = [
        as_alice.post(f"{url}/hosts", {"host": "a.example"}, content_type="application/json"),
        put(as_alice, sandbox, '"internet"'),
        put(as_alice, sandbox, {"allow": ["a.example"]}),
        as_alice.post(URL, {"start": False, "network_policy": "internet"},
                      content_type="application/json"),
    ]  # fmt: skip
    assert {answer.status_code for answer in answers} == {403}
    assert all("operator" in answer.json()["error"]["message"] for answer in answers)


def test_a_command_says_which_hosts_it_was_refused(as_alice: Client, alice: User) -> None:
    refused = {"host": "code.example", "port": 443, "reason": "not in the policy", "at": 0}
    command = make_command(make_sandbox(alice), refused=[refused])
    told = as_alice.get(f"/api/v1/commands/{command.pk}").json()["refused_hosts"]
    assert told == [{**refused, "at": "1970-01-01T00:00:00Z"}]
