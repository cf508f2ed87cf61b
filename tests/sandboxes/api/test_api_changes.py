"""What programs change: the settings of a sandbox; and commands that they run again."""

from __future__ import annotations

import pytest
from django.test import Client

from sandboxes.models import Sandbox
from sandboxes.services import network_history
from tests.fixtures.rows import make_command, make_sandbox
from vibe.accounts.models import User
from vibe.native_api import api

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


@pytest.mark.parametrize(
    ("refused", "status"),
    [
        ({"limits": {"memory_mb": 2**30}}, 429),
        ({"ports": [80]}, 400),
        ({"env": {"A": "x" * 2_000_000}}, 429),
        ({"tags": {"": "x"}}, 400),
        ({"network_policy": {"allow": ["http://x"]}}, 400),
        ({"mounts": {"/data": {"drive": "none-such"}}}, 404),
        ({"timeout": 10**6}, 400),
        ({"keep_last_snapshots": {"count": 1000}}, 422),
        ({"name": "taken"}, 409),
    ],
)
def test_a_change_that_is_refused_in_part_changes_nothing(
    as_alice: Client, alice: User, refused: dict[str, object], status: int
) -> None:
    make_sandbox(alice, "taken")
    sandbox = make_sandbox(alice, "before")
    wanted = {
        "name": "after", "ports": [3000], "env": {"A": "1"}, "tags": {"a": "b"}, "timeout": 600,
        "idle_timeout": 60, "limits": {"cpus": 0.5}, "network_policy": "deny-all",
        "snapshot_expiration": 3600, "keep_last_snapshots": {"count": 2},
    }  # fmt: skip
    before = Sandbox.objects.filter(pk=sandbox.pk).values().get()
    address = f"/api/v1/sandboxes/{sandbox.pk}"
    answer = as_alice.patch(address, {**wanted, **refused}, content_type=JSON)
    assert answer.status_code == status
    assert Sandbox.objects.filter(pk=sandbox.pk).values().get() == before
    assert not list(network_history.decisions(sandbox))


def test_everything_that_a_sandbox_has_changes_at_once(as_alice: Client, alice: User) -> None:
    sandbox = make_sandbox(alice, "before")
    wanted = {
        "name": "after", "ports": [3000], "env": {"A": "1"}, "tags": {"a": "b"}, "timeout": 600,
        "idle_timeout": 60, "limits": {"cpus": 0.5}, "network_policy": "deny-all",
        "snapshot_expiration": 3600, "keep_last_snapshots": {"count": 2},
    }  # fmt: skip
    answer = as_alice.patch(f"/api/v1/sandboxes/{sandbox.pk}", wanted, content_type=JSON)
    assert (answer.status_code, answer.json()["name"]) == (200, "after")
    sandbox.refresh_from_db()
    policy = sandbox.network_policy
    assert (sandbox.ports, sandbox.env, sandbox.tags) == ([3000], {"A": "1"}, {"a": "b"})
    assert (sandbox.timeout, sandbox.idle_timeout, sandbox.limits) == (600, 60, {"cpus": 0.5})
    assert (policy["mode"], sandbox.snapshot_expiration) == ("deny-all", 3600)
    assert sandbox.keep_last_snapshots == {"count": 2, "delete_evicted": True}


def test_null_clears_what_has_a_default_and_changes_nothing_else(
    as_alice: Client, alice: User
) -> None:
    sandbox = make_sandbox(alice, "kept")
    address = f"/api/v1/sandboxes/{sandbox.pk}"
    as_alice.patch(address, {"snapshot_expiration": 3600, "tags": {"a": "b"}}, content_type=JSON)
    nothing = {"snapshot_expiration": None, "name": None, "tags": None, "env": None}
    assert as_alice.patch(address, nothing, content_type=JSON).status_code == 200
    sandbox.refresh_from_db()
    assert (sandbox.snapshot_expiration, sandbox.name) == (None, "kept")
    assert sandbox.tags == {"a": "b"}


def test_the_operation_is_named_for_what_it_does() -> None:
    paths = api.get_openapi_schema()["paths"]
    assert paths["/api/v1/sandboxes/{sandbox_id}"]["patch"]["operationId"].endswith(
        "change_sandbox"
    )
