"""Snapshots, restore, fork and events of the native API."""

from __future__ import annotations

import pytest
from django.test import Client

from sandboxes.models import Sandbox, SandboxSession, Snapshot
from sandboxes.news import event_log
from sandboxes.services import files
from tests.fixtures.rows import make_sandbox, make_snapshot
from vibe.accounts.models import User

JSON = "application/json"


@pytest.fixture
def saved(alice: User) -> Snapshot:
    return make_snapshot(make_sandbox(alice), name="good")


@pytest.mark.sandbox
def test_a_program_saves_restores_and_copies_a_sandbox(as_owner: Client, sandbox: Sandbox) -> None:
    url = f"/api/v1/sandboxes/{sandbox.id}"
    files.write_files(sandbox, [("note", b"first")])
    snapshot = as_owner.post(
        f"{url}/snapshots", {"name": "one", "wait": 60}, content_type=JSON
    ).json()
    assert (snapshot["status"], snapshot["name"]) == ("created", "one")
    files.write_files(sandbox, [("note", b"second")])
    copy = as_owner.post(f"{url}/fork", {"name": "copy", "wait": 60}, content_type=JSON)
    assert copy.status_code == 201
    wish = {"snapshot": snapshot["id"], "wait": 60}
    back = as_owner.post(f"{url}/restore", wish, content_type=JSON)
    assert back.json()["status"] == "running"
    contents = [
        files.read_file(Sandbox.objects.get(pk=box["id"]), "note")
        for box in (back.json(), copy.json())
    ]
    assert contents == [b"first", b"second"]
    assert back.json()["current_snapshot_id"] == snapshot["id"]


def test_a_new_sandbox_can_begin_with_a_snapshot(as_alice: Client, saved: Snapshot) -> None:
    wish = {"snapshot": saved.id, "start": False}
    answer = as_alice.post("/api/v1/sandboxes", wish, content_type=JSON)
    assert answer.status_code == 201
    assert Sandbox.objects.get(pk=answer.json()["id"]).next_snapshot == saved


def test_snapshots_are_listed_with_all_that_is_known(as_alice: Client, saved: Snapshot) -> None:
    for url in ("/api/v1/snapshots", f"/api/v1/sandboxes/{saved.sandbox_id}/snapshots"):
        (item,) = as_alice.get(url).json()["items"]
        assert (item["id"], item["name"], item["status"]) == (saved.id, "good", "created")


def test_a_snapshot_is_renamed_and_kept_for_good(as_alice: Client, saved: Snapshot) -> None:
    wish = {"name": "best", "expiration": 0}
    answer = as_alice.patch(f"/api/v1/snapshots/{saved.id}", wish, content_type=JSON).json()
    assert (answer["name"], answer["expires_at"]) == ("best", None)


def test_a_deleted_snapshot_stays_listed(as_alice: Client, saved: Snapshot) -> None:
    assert as_alice.delete(f"/api/v1/snapshots/{saved.id}").status_code == 204
    assert as_alice.get(f"/api/v1/snapshots/{saved.id}").json()["status"] == "deleted"


def test_the_tree_goes_both_ways(as_alice: Client, saved: Snapshot) -> None:
    child = make_snapshot(saved.sandbox, parent=saved)

    def ids(of: Snapshot, direction: str) -> list[str]:
        answer = as_alice.get(f"/api/v1/snapshots/{of.id}/tree", {"direction": direction})
        return [item["id"] for item in answer.json()["items"]]

    assert ids(child, "ancestors") == [saved.id]
    assert ids(saved, "descendants") == [child.id]


def test_bob_finds_nothing_of_alice(as_bob: Client, saved: Snapshot) -> None:
    url, sandbox = f"/api/v1/snapshots/{saved.id}", f"/api/v1/sandboxes/{saved.sandbox_id}"
    assert as_bob.get("/api/v1/snapshots").json()["items"] == []
    answers = [
        as_bob.get(url),
        as_bob.delete(url),
        as_bob.patch(url, {"name": "x"}, content_type=JSON),
        as_bob.get(f"{url}/tree"),
        as_bob.get(f"{sandbox}/snapshots"),
        as_bob.post(f"{sandbox}/snapshots", {}, content_type=JSON),
        as_bob.post(f"{sandbox}/fork", {}, content_type=JSON),
        as_bob.post(f"{sandbox}/restore", {"snapshot": saved.id}, content_type=JSON),
        as_bob.get(f"{sandbox}/events"),
        as_bob.post("/api/v1/sandboxes", {"snapshot": saved.id}, content_type=JSON),
    ]
    assert {answer.status_code for answer in answers} == {404}


def test_rules_for_snapshots_and_times_are_changed(as_alice: Client, saved: Snapshot) -> None:
    url = f"/api/v1/sandboxes/{saved.sandbox_id}"
    wish = {
        "timeout": 600,
        "idle_timeout": 0,
        "snapshot_expiration": 3600,
        "keep_last_snapshots": {"count": 3},
    }
    answer = as_alice.patch(url, wish, content_type=JSON).json()
    rule = {"count": 3, "expiration": None, "delete_evicted": True}
    assert answer == {**answer, **wish, "keep_last_snapshots": rule}
    cleared = as_alice.patch(url, {"keep_last_snapshots": None}, content_type=JSON).json()
    assert cleared["keep_last_snapshots"] is None
    assert cleared["snapshot_expiration"] == 3600


def test_events_come_in_pages(as_alice: Client, alice: User) -> None:
    sandbox = make_sandbox(alice)
    for number in range(3):
        event_log.record(sandbox, "lifecycle", f"event {number}")
    event_log.record(sandbox, "network", "allowed")
    url = f"/api/v1/sandboxes/{sandbox.id}/events"
    first = as_alice.get(url, {"kind": "lifecycle", "limit": 2}).json()
    assert [event["text"] for event in first["items"]] == ["event 2", "event 1"]
    rest = as_alice.get(url, {"kind": "lifecycle", "limit": 2, "before": first["next"]}).json()
    assert [event["text"] for event in rest["items"]] == ["event 0"]
    assert rest["next"] is None


def test_a_resume_of_a_stopping_sandbox_is_not_refused(as_alice: Client, alice: User) -> None:
    sandbox = make_sandbox(alice)
    as_alice.post(f"/api/v1/sandboxes/{sandbox.id}/stop")
    answer = as_alice.post(f"/api/v1/sandboxes/{sandbox.id}/resume", content_type=JSON)
    assert (answer.status_code, answer.json()["status"]) == (200, "pending")
    assert SandboxSession.objects.filter(sandbox=sandbox).count() == 2
