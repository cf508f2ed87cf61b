"""Commands: list, run, get, stop."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from sandboxes.models import Command, Sandbox
from tests.fixtures.rows import finish, make_command, make_sandbox
from vibe.accounts.models import User


@pytest.fixture
def sandbox(alice: User) -> Sandbox:
    return make_sandbox(alice)


@pytest.fixture
def url(sandbox: Sandbox) -> str:
    return f"/api/v1/sandboxes/{sandbox.id}/commands"


def post(client: Client, url: str, body: dict[str, Any]) -> Any:
    return client.post(url, body, content_type="application/json")


def test_run_works(as_alice: Client, url: str, sandbox: Sandbox) -> None:
    body = {"command": "sh", "args": ["-c", "echo $A"], "cwd": "src", "env": {"A": "1"}}
    response = post(as_alice, url, body | {"timeout": 30})
    assert response.status_code == 201
    answer = response.json()
    assert answer["id"].startswith("cmd_")
    assert answer["status"] == "queued"
    assert answer["line"] == "echo $A"
    command = Command.objects.get(pk=answer["id"])
    assert (command.executable, command.args) == ("sh", ["-c", "echo $A"])
    assert (command.cwd, command.env, command.timeout) == ("src", {"A": "1"}, 30)


def test_a_background_command_has_no_time_limit(as_alice: Client, url: str) -> None:
    assert post(as_alice, url, {"command": "node", "background": True}).json()["timeout"] == 0


def test_wait_answers_when_its_time_is_over(as_alice: Client, url: str) -> None:
    response = post(as_alice, url, {"command": "true", "wait": 0.05})
    assert response.status_code == 201
    assert response.json()["status"] == "queued"


def test_run_in_a_stopped_sandbox_says_what_to_do(as_alice: Client, alice: User) -> None:
    stopped = make_sandbox(alice, "old", status="stopped")
    response = post(as_alice, f"/api/v1/sandboxes/{stopped.id}/commands", {"command": "true"})
    assert response.status_code == 409
    assert response.json()["error"]["code"] == "not_running"
    assert response.json()["error"]["hint"]


def test_run_without_a_command_is_refused(as_alice: Client, url: str) -> None:
    assert post(as_alice, url, {"args": ["x"]}).status_code == 422
    assert post(as_alice, url, {"command": " "}).status_code == 400


def test_a_variable_that_cannot_be_is_refused(as_alice: Client, url: str) -> None:
    assert post(as_alice, url, {"command": "true", "env": {"A=B": "1"}}).status_code == 400


def test_list_is_newest_first(as_alice: Client, url: str, sandbox: Sandbox) -> None:
    old = make_command(sandbox, created_at=timezone.now() - timedelta(hours=1))
    new = make_command(sandbox)
    assert [item["id"] for item in as_alice.get(url).json()["items"]] == [new.id, old.id]


def test_get_says_how_it_ended(as_alice: Client, sandbox: Sandbox) -> None:
    command = finish(make_command(sandbox), exit_code=3)
    answer = as_alice.get(f"/api/v1/commands/{command.id}").json()
    assert (answer["status"], answer["cause"], answer["exit_code"]) == ("finished", "exited", 3)
    assert answer["outcome"] == "exit 3"
    assert answer["sandbox_id"] == sandbox.id


def test_stop_of_a_waiting_command_ends_it(as_alice: Client, alice: User, sandbox: Sandbox) -> None:
    command = make_command(sandbox)
    answer = as_alice.post(f"/api/v1/commands/{command.id}/stop").json()
    assert (answer["status"], answer["cause"]) == ("finished", "killed")
    command.refresh_from_db()
    assert command.stopped_by == alice


def test_bob_gets_404_from_all_of_them(as_bob: Client, url: str, sandbox: Sandbox) -> None:
    command = make_command(sandbox)
    assert as_bob.get(url).status_code == 404
    assert post(as_bob, url, {"command": "true"}).status_code == 404
    assert as_bob.get(f"/api/v1/commands/{command.id}").status_code == 404
    assert as_bob.post(f"/api/v1/commands/{command.id}/stop").status_code == 404
    command.refresh_from_db()
    assert (Command.objects.count(), command.status) == (1, "queued")
