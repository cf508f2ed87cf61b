"""What programs change: the settings of a sandbox; and commands that they run again."""

from __future__ import annotations

from django.test import Client

from tests.vibe.api.fixtures import make_command, make_sandbox
from vibe.accounts.models import User

JSON = "application/json"


def test_a_command_is_run_again(as_alice: Client, alice: User) -> None:
    command = make_command(make_sandbox(alice), executable="ls", args=["-l"])
    answer = as_alice.post(f"/api/v1/commands/{command.pk}/again")
    assert answer.status_code == 201
    again = answer.json()
    assert again["id"] != command.pk and (again["command"], again["args"]) == ("ls", ["-l"])


def test_ports_and_tags_are_changed(as_alice: Client, alice: User) -> None:
    sandbox = make_sandbox(alice)
    address = f"/api/v1/sandboxes/{sandbox.pk}"
    changed = as_alice.patch(address, {"ports": [3000], "tags": {"a": "b"}}, content_type=JSON)
    assert (changed.json()["ports"], changed.json()["tags"]) == ([3000], {"a": "b"})
    refused = as_alice.patch(address, {"ports": [80]}, content_type=JSON)
    assert refused.status_code == 400
    env = as_alice.patch(address, {"env": {"A": "1"}}, content_type=JSON)
    sandbox.refresh_from_db()
    assert "env" not in env.json() and sandbox.env == {"A": "1"}
