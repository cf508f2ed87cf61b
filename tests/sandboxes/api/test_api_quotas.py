"""Quotas over both APIs and on the page: shown before they are reached, refused in words."""

from __future__ import annotations

import json

import pytest

from sandboxes.models import Sandbox
from sandboxes.vercel.sessions import ask_to_stop
from tests.fixtures.rows import add_output, finish, make_command, make_sandbox, make_snapshot

MB = 1 << 20


@pytest.fixture
def used(alice, settings):
    settings.DISK_PER_USER_MB = 1000
    settings.SANDBOXES_KEPT_PER_USER = 1
    box = make_sandbox(alice, "big", disk_bytes=850 * MB)
    finish(add_output(make_command(box), (1, b"x" * 2048)))
    make_command(box, status="running")
    return box


def test_quotas_say_what_is_used_of_each(used, as_alice):
    items = {one["name"]: one for one in as_alice.get("/api/v1/quotas").json()["items"]}
    assert items["disk"] == {
        "name": "disk",
        "used": 850 * MB,
        "most": 1000 * MB,
        "unit": "bytes",
        "text": "Disk 850 MB of 1000 MB",
    }
    assert items["sandboxes"]["text"] == "1 of 1 sandboxes kept"
    assert (items["running"]["used"], items["commands"]["used"]) == (1, 1)
    assert items["logs"]["text"].startswith("Logs 2 kB of ")


def test_quotas_of_somebody_else_are_not_shown(used, as_bob):
    items = as_bob.get("/api/v1/quotas").json()["items"]
    assert {one["used"] for one in items if one["name"] != "keys"} == {0}


def test_no_limit_is_shown_as_none(used, as_alice, settings):
    settings.DISK_PER_USER_MB = 0
    disk = as_alice.get("/api/v1/quotas").json()["items"][0]
    assert (disk["most"], disk["text"]) == (0, "Disk 850 MB")


def test_the_page_of_sandboxes_shows_them_and_marks_what_is_nearly_used_up(used, client):
    client.force_login(used.owner)
    page = client.get("/sandboxes/").content.decode()
    assert "<li data-near>Disk 850 MB of 1000 MB</li>" in page
    assert "<li>0 of 100 snapshots</li>" in page


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/sandboxes", {"start": False}),
        ("/api/v1/sandboxes/{box}/fork", {}),
        ("/api/v1/sandboxes/{box}/snapshots", {}),
    ],
)
def test_what_goes_beyond_answers_429_with_what_to_delete(used, as_alice, path, body):
    answer = as_alice.post(
        path.format(box=used.pk), json.dumps(body), content_type="application/json"
    )
    assert answer.status_code == 429, answer.content
    error = answer.json()["error"]
    assert error["code"] == "limit"
    assert "big" in error["hint"] and error["hint"].startswith("Delete")
    assert Sandbox.objects.count() == 1


def test_vercels_clients_hear_429_in_their_own_words(used, as_alice):
    for path, body in (
        ("/vercel/v2/sandboxes", {"projectId": "p"}),
        (f"/vercel/v2/sandboxes/{used.name}/fork", {"projectId": "p"}),
    ):
        answer = as_alice.post(path, json.dumps(body), content_type="application/json")
        assert answer.status_code == 429, answer.content
        assert answer.json()["error"]["code"] == "rate_limited"
        assert "the largest is big with 850 MB" in answer.json()["error"]["message"]
        # Longer than clients sit out, so that they tell it at once.
        assert int(answer["Retry-After"]) == 60
    assert Sandbox.objects.count() == 1


def test_both_apis_say_that_the_machines_disk_is_nearly_full(alice, as_alice, settings):
    settings.DISK_RESERVE_MB = 1 << 40
    for path in ("/api/v1/sandboxes", "/vercel/v2/sandboxes"):
        body = json.dumps({"projectId": "p"} if "vercel" in path else {"start": False})
        answer = as_alice.post(path, body, content_type="application/json")
        assert answer.status_code == 503
        assert answer.json()["error"]["code"] == "unavailable"
        assert "disk is nearly full" in answer.json()["error"]["message"]
    # What takes no disk space goes on.
    assert as_alice.get("/api/v1/me").status_code == 200


def test_a_snapshot_through_vercels_api_beyond_the_quota_is_refused(used, as_alice, settings):
    make_snapshot(used, size_bytes=MB)
    settings.SNAPSHOTS_PER_USER = 1
    path = f"/vercel/v2/sandboxes/sessions/{used.session_id}/snapshot"
    answer = as_alice.post(path, "{}", content_type="application/json")
    assert answer.status_code == 429
    assert "You keep 1 snapshots" in answer.json()["error"]["message"]


@pytest.mark.parametrize("full", ["SNAPSHOTS_PER_USER", "DISK_RESERVE_MB"])
def test_a_sandbox_stops_without_its_snapshot_where_there_is_no_room_for_one(
    used, as_alice, settings, full
):
    make_snapshot(used, size_bytes=MB)
    setattr(settings, full, 1 if full == "SNAPSHOTS_PER_USER" else 1 << 40)
    stopped = ask_to_stop(used.session, used.owner)
    assert stopped is None
    used.session.refresh_from_db()
    assert used.session.status == "stopping"
