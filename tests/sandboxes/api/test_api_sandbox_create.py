from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from sandboxes.host import isolation, runtimes
from sandboxes.models import Sandbox
from tests.fixtures.rows import make_sandbox
from vibe.accounts.models import User

URL = "/api/v1/sandboxes"


@pytest.fixture
def unstarted() -> dict[str, Any]:
    """A body that makes a sandbox and needs no worker."""
    return {"name": "todo", "ports": [3000], "env": {"A": "1"}, "timeout": 600, "start": False}


def post(client: Client, body: dict[str, Any]) -> Any:
    return client.post(URL, body, content_type="application/json")


def test_it_works(as_alice: Client, alice: User, unstarted: dict[str, Any]) -> None:
    response = post(as_alice, unstarted)
    assert response.status_code == 201
    sandbox = Sandbox.objects.get(pk=response.json()["id"])
    assert (sandbox.owner, sandbox.name, sandbox.ports) == (alice, "todo", [3000])
    assert (sandbox.env, sandbox.timeout) == ({"A": "1"}, 600)


def test_a_started_one_is_pending(as_alice: Client) -> None:
    if not isolation.current().allowed:
        pytest.skip("needs an isolation level that works here")
    response = post(as_alice, {})
    assert response.status_code == 201
    assert response.json()["status"] == "pending"
    assert response.json()["session"]["status"] == "pending"
    assert response.json()["name"]


def test_a_name_that_is_taken_is_a_conflict(
    as_alice: Client, alice: User, unstarted: dict[str, Any]
) -> None:
    make_sandbox(alice, "todo")
    response = post(as_alice, unstarted)
    assert response.status_code == 409
    assert response.json()["error"]["code"] == "conflict"


def test_the_same_name_of_another_user_is_free(
    as_bob: Client, alice: User, unstarted: dict[str, Any]
) -> None:
    make_sandbox(alice, "todo")
    assert post(as_bob, unstarted).status_code == 201


def test_a_port_that_does_not_exist_is_refused(as_alice: Client) -> None:
    assert post(as_alice, {"ports": [70000]}).status_code == 422


def test_a_wait_beyond_the_limit_is_refused(as_alice: Client) -> None:
    assert post(as_alice, {"wait": 100000}).status_code == 422


def test_a_runtime_that_cannot_be_had_is_refused_with_those_that_can(
    as_alice: Client, unstarted: dict[str, Any]
) -> None:
    response = post(as_alice, {**unstarted, "runtime": "python9.9"})
    assert response.status_code == 400
    said = response.json()["error"]
    assert "'python9.9' is not installed" in said["message"] and runtimes.default() in said["hint"]
    assert not Sandbox.objects.exists()


def test_a_runtime_that_the_server_has_is_kept(as_alice: Client, unstarted: dict[str, Any]) -> None:
    response = post(as_alice, {**unstarted, "runtime": runtimes.default()})
    assert response.status_code == 201
    assert Sandbox.objects.get().runtime == runtimes.default()
