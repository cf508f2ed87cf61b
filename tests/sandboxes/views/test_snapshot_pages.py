"""Snapshots on the pages: the buttons do what they say, and only for the owner."""

from __future__ import annotations

import pytest
from django.test import Client

from sandboxes.models import Sandbox, SandboxSession, Snapshot
from sandboxes.news import event_log
from tests.fixtures.rows import make_sandbox, make_snapshot
from vibe.accounts.models import User


@pytest.fixture
def saved(alice: User) -> Snapshot:
    return make_snapshot(make_sandbox(alice), name="good state", size_bytes=1_500_000)


def test_the_sandbox_page_shows_snapshots_events_and_when_it_ends(page: Client, saved) -> None:
    event_log.record(saved.sandbox, "network", "Allowed example.com.")
    body = page.get(f"/sandboxes/{saved.sandbox_id}/").content.decode()
    for words in ("good state", "1.5 MB", "Allowed example.com.", "without activity", "Restore"):
        assert words in body


def test_an_open_page_gets_its_changing_parts(page: Client, saved) -> None:
    answer = page.get(f"/sandboxes/{saved.sandbox_id}/", headers={"HX-Request": "true"})
    body = answer.content.decode()
    assert "<html" not in body
    for target in ("#sandbox-facts", "#snapshot-list", "#event-list", "#command-list"):
        assert f'hx-target="{target}"' in body
    listing = page.get("/sandboxes/", headers={"HX-Request": "true"}).content.decode()
    assert 'hx-target="#sandboxes"' in listing


def test_a_snapshot_is_asked_for(page: Client, alice: User) -> None:
    sandbox = make_sandbox(alice)
    page.post(f"/sandboxes/{sandbox.pk}/snapshots/", {"name": "one", "stop": "on"})
    snapshot = Snapshot.objects.get()
    assert (snapshot.name, snapshot.status, snapshot.ends_session) == ("one", "creating", True)
    assert SandboxSession.objects.get(pk=sandbox.session_id).stop_reason == "snapshot"


def test_a_snapshot_is_restored(page: Client, saved) -> None:
    page.post(f"/sandboxes/{saved.sandbox_id}/restore/", {"snapshot": saved.pk})
    sandbox = Sandbox.objects.get(pk=saved.sandbox_id)
    assert (sandbox.status, sandbox.session.source_snapshot) == ("pending", saved)


def test_a_sandbox_is_made_of_a_snapshot(page: Client, saved) -> None:
    answer = page.post(f"/snapshots/{saved.pk}/start/")
    made = Sandbox.objects.exclude(pk=saved.sandbox_id).get()
    assert answer["Location"] == f"/sandboxes/{made.pk}/"
    assert made.session.source_snapshot == saved


def test_a_sandbox_is_copied(page: Client, saved) -> None:
    page.post(f"/sandboxes/{saved.sandbox_id}/fork/")
    made = Sandbox.objects.exclude(pk=saved.sandbox_id).get()
    assert made.session.source_snapshot.method == "fork"


def test_a_snapshot_is_deleted_and_leaves_the_list(page: Client, saved) -> None:
    assert "good state" in page.get("/snapshots/").content.decode()
    page.post(f"/snapshots/{saved.pk}/delete/", headers={"Referer": "http://testserver/snapshots/"})
    page.get("/snapshots/")  # shows the message once
    assert "good state" not in page.get("/snapshots/").content.decode()


def test_nobody_else_finds_or_touches_it(other: Client, saved) -> None:
    assert "good state" not in other.get("/snapshots/").content.decode()
    box = f"/sandboxes/{saved.sandbox_id}"
    for url in (f"{box}/snapshots/", f"{box}/fork/", f"/snapshots/{saved.pk}/start/"):
        assert other.post(url).status_code == 404
    assert other.post(f"/snapshots/{saved.pk}/delete/").status_code == 404
    assert other.post(f"{box}/restore/", {"snapshot": saved.pk}).status_code == 404
    assert Snapshot.objects.get(pk=saved.pk).status == "created"
