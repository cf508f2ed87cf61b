"""The network policy by the API: set at the start, read, changed, never with a secret in it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from sandboxes.models import Sandbox
from tests.fixtures.rows import make_sandbox
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
