"""GET, PATCH, DELETE, stop, resume and extend of one sandbox."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils.dateparse import parse_datetime

from sandboxes.models import Command, Sandbox, SandboxSession
from tests.fixtures.rows import make_sandbox
from vibe.accounts.models import User


@pytest.fixture
def sandbox(alice: User) -> Sandbox:
    return make_sandbox(alice, "todo")


@pytest.fixture
def url(sandbox: Sandbox) -> str:
    return f"/api/v1/sandboxes/{sandbox.id}"


def test_get_works(as_alice: Client, url: str) -> None:
    assert as_alice.get(url).json()["name"] == "todo"


def test_get_works_by_name(as_alice: Client, sandbox: Sandbox) -> None:
    assert as_alice.get("/api/v1/sandboxes/todo").json()["id"] == sandbox.id


def test_bob_gets_404_from_all_of_them(as_bob: Client, url: str, sandbox: Sandbox) -> None:
    assert as_bob.get(url).status_code == 404
    assert as_bob.get("/api/v1/sandboxes/todo").status_code == 404
    assert as_bob.delete(url).status_code == 404
    json = "application/json"
    assert as_bob.patch(url, {"name": "mine"}, content_type=json).status_code == 404
    assert as_bob.post(f"{url}/stop").status_code == 404
    assert as_bob.post(f"{url}/resume", content_type="application/json").status_code == 404
    assert as_bob.post(f"{url}/extend", {"seconds": 9}, content_type=json).status_code == 404
    sandbox.refresh_from_db()
    assert (sandbox.name, sandbox.deleted_at, sandbox.session.status) == ("todo", None, "running")


def test_patch_renames(as_alice: Client, url: str) -> None:
    response = as_alice.patch(url, {"name": "shop"}, content_type="application/json")
    assert response.status_code == 200
    assert response.json()["name"] == "shop"


def test_patch_with_a_name_in_use_is_a_conflict(as_alice: Client, alice: User, url: str) -> None:
    make_sandbox(alice, "shop")
    response = as_alice.patch(url, {"name": "shop"}, content_type="application/json")
    assert response.status_code == 409


def test_delete_works(as_alice: Client, url: str) -> None:
    assert as_alice.delete(url).status_code == 204
    assert as_alice.get(url).status_code == 404


def test_stop_works(as_alice: Client, url: str) -> None:
    response = as_alice.post(f"{url}/stop")
    assert response.status_code == 200
    assert response.json()["session"]["status"] == "stopping"
    assert response.json()["session"]["stop_reason"] == "user"


def test_extend_adds_the_seconds(as_alice: Client, url: str, sandbox: Sandbox) -> None:
    before = sandbox.expires_at
    assert before is not None
    response = as_alice.post(f"{url}/extend", {"seconds": 60}, content_type="application/json")
    assert response.status_code == 200
    after = parse_datetime(response.json()["expires_at"])
    assert after is not None
    assert abs(after - before - timedelta(seconds=60)) < timedelta(seconds=1)


def test_extend_of_a_stopped_one_says_that_it_is_not_running(as_alice: Client, alice: User) -> None:
    stopped = make_sandbox(alice, "old", status="stopped")
    response = as_alice.post(
        f"/api/v1/sandboxes/{stopped.id}/extend", {"seconds": 60}, content_type="application/json"
    )
    assert response.status_code == 409
    assert response.json()["error"]["code"] == "not_running"


def test_resume_of_a_running_one_changes_nothing(as_alice: Client, url: str) -> None:
    response = as_alice.post(f"{url}/resume", content_type="application/json")
    assert (response.status_code, response.json()["status"]) == (200, "running")


def test_patch_changes_limits_and_shows_them(as_alice: Client, url: str) -> None:
    body = {"limits": {"memory_mb": 512, "cpus": 0.5}}
    changed = as_alice.patch(url, body, content_type="application/json").json()
    assert (changed["limits"]["memory_mb"], changed["limits"]["cpus"]) == (512, 0.5)
    assert changed["name"] == "todo"


def test_patch_refuses_limits_beyond_the_maximum(as_alice: Client, url: str) -> None:
    body = {"limits": {"memory_mb": 2**30}}
    answer = as_alice.patch(url, body, content_type="application/json")
    assert answer.status_code == 429
    assert "of memory" in answer.json()["error"]["message"]


def test_a_resume_starts_the_servers_that_ran_where_that_is_asked_for(
    as_alice: Client, url: str, sandbox: Sandbox
) -> None:
    as_alice.post(f"{url}/stop")
    SandboxSession.objects.filter(sandbox=sandbox).update(status="stopped")
    Sandbox.objects.filter(pk=sandbox.pk).update(status="stopped")
    row = {"executable": "npm", "args": ["run", "dev"], "background": True, "ran_at_end": True}
    ran = Command.objects.create(
        sandbox=sandbox, session_id=sandbox.session_id, status=Command.Status.FINISHED, **row
    )

    answer = as_alice.post(f"{url}/resume", {"servers": True}, content_type="application/json")

    assert answer.status_code == 200
    assert Command.objects.exclude(pk=ran.pk).get().line == "npm run dev"
