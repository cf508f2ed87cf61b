"""Snapshots of real sandboxes: what is in them, and what becomes of them."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from sandboxes.engine.agent.processes import descendants
from sandboxes.engine.trees.removing import remove_tree
from sandboxes.host import handles, reserve, shares
from sandboxes.models import Command, Sandbox, SandboxEvent, Snapshot
from sandboxes.node import holds, leftovers, reconcile, snapshot_files
from sandboxes.services import (
    commands,
    configuration,
    creating,
    files,
    forks,
    lifecycle,
    readiness,
    retention,
    snapshot_lineage,
    snapshots,
)
from tests.fixtures.observed import made, run, until_status
from tests.fixtures.waiting import PATIENCE, until
from tests.sandboxes.engine.trees.described import describe
from vibe.refusal import Refusal

pytestmark = pytest.mark.sandbox


@pytest.fixture(autouse=True)
def store() -> Path:
    """Where snapshots lie, without those of other tests."""
    path = snapshot_files.directory_of("x").parent
    for leftover in (path, path.with_name("sandboxes")):
        remove_tree(leftover)
    return path


@pytest.fixture
def filled(sandbox):
    """A sandbox with a file, a program installed for its user, and links."""
    run(
        sandbox,
        "echo first > note; ln note same; ln -s note link; mkfifo pipe; mkdir -p ~/.local/bin;"
        "printf '#!/bin/sh\\necho installed\\n' > ~/.local/bin/tool; chmod 755 ~/.local/bin/tool",
    )
    return sandbox


def test_a_snapshot_of_a_running_sandbox_holds_its_files_and_lets_it_run(filled):
    snapshot = made(filled, name="before the change")
    assert (snapshot.method, snapshot.ends_session, snapshot.parent) == ("manual", False, None)
    assert snapshot.size_bytes > 0
    kept = snapshot_files.directory_of(snapshot.id)
    for name in ("workspace", "home"):
        assert describe(kept / name) == describe(shares.root_of(filled) / name)
    filled.refresh_from_db()
    assert filled.status == Sandbox.Status.RUNNING
    assert filled.current_snapshot == snapshot


def test_processes_go_on_after_a_snapshot(filled):
    ticking = commands.run(
        filled, "sh", ["-c", "while :; do date +%s%N > tick; done"], background=True
    )
    until(lambda: _read(filled, "tick"), "a tick")
    made(filled)
    seen = set()

    def moved() -> bool:
        seen.add(_read(filled, "tick"))
        return len(seen) > 2

    until(moved, "ticks after the snapshot")
    commands.stop(ticking)


def _read(sandbox: Sandbox, path: str) -> bytes:
    try:
        return files.read_file(sandbox, path)
    except Refusal:
        return b""


def test_restoring_puts_the_files_back_and_starts_the_sandbox(filled):
    snapshot = made(filled)
    run(filled, "echo second > note; rm link; rm -r ~/.local; touch new")
    snapshots.restore(filled, snapshot)
    readiness.wait_until_running(filled, PATIENCE)
    assert files.read_file(filled, "note") == b"first\n"
    run(filled, "test ! -e new && test -L link && test -p pipe && test $(tool) = installed")
    filled.session.refresh_from_db()
    assert filled.session.source_snapshot == snapshot


def test_a_stopped_sandbox_can_be_restored(filled):
    snapshot = made(filled)
    run(filled, "echo second > note")
    lifecycle.stop(filled)
    until_status(filled, Sandbox.Status.STOPPED)
    snapshots.restore(filled, snapshot)
    readiness.wait_until_running(filled, PATIENCE)
    assert files.read_file(filled, "note") == b"first\n"


def test_a_sandbox_made_of_a_snapshot_can_change_its_files(filled, owner):
    snapshot = made(filled)
    other = creating.create_sandbox(owner, snapshot=snapshot)
    readiness.wait_until_running(other, PATIENCE)
    run(other, "test $(tool) = installed && echo other >> note")
    assert files.read_file(other, "note") == b"first\nother\n"
    assert files.read_file(filled, "note") == b"first\n"
    assert made(other).parent == snapshot


def test_a_fork_has_files_and_settings_and_leaves_no_snapshot_behind(filled, store):
    Sandbox.objects.filter(pk=filled.pk).update(env={"COLOUR": "blue"}, ports=[3000])
    filled.refresh_from_db()
    copy = forks.fork(filled, name="copy")
    readiness.wait_until_running(copy, PATIENCE)
    run(copy, 'test "$COLOUR" = blue && test "$(cat note)" = first')
    assert copy.ports == [3000]
    until(lambda: not list(store.iterdir()), "an empty store")


def test_a_snapshot_that_ends_the_session_is_followed_by_a_resume_with_all_files(filled):
    snapshot = snapshots.create(filled, ends_session=True)
    lifecycle.resume(filled)
    readiness.wait_until_running(filled, PATIENCE)
    snapshot.refresh_from_db()
    assert snapshot.status == Snapshot.Status.CREATED
    assert snapshot.session != filled.session
    assert snapshot.session.stop_reason == "snapshot"
    assert files.read_file(filled, "note") == b"first\n"


def test_a_resume_waits_for_a_stop_in_progress(filled):
    lifecycle.stop(filled)
    session = lifecycle.resume(filled)
    readiness.wait_until_running(filled, PATIENCE)
    assert filled.session == session
    assert filled.sessions.filter(status__in=["pending", "running", "stopping"]).count() == 1


def test_deleting_a_snapshot_gives_the_disk_back(filled):
    snapshot = made(filled)
    snapshots.delete(snapshot)
    assert snapshot.status == Snapshot.Status.DELETED
    until(lambda: not snapshot_files.directory_of(snapshot.id).exists(), "removed")
    with pytest.raises(Refusal, match="has no files"):
        snapshots.restore(filled, snapshot)


def test_snapshots_outlive_their_sandbox(filled, owner):
    snapshot = made(filled)
    lifecycle.delete(filled)
    until(lambda: not shares.root_of(filled).exists(), "removed")
    other = creating.create_sandbox(owner, snapshot=snapshot)
    readiness.wait_until_running(other, PATIENCE)
    assert files.read_file(other, "note") == b"first\n"


def test_expired_snapshots_go(filled):
    snapshot, kept = made(filled, expiration=60), made(filled, expiration=0)
    Snapshot.objects.filter(pk=snapshot.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert retention.delete_expired() == 1
    snapshot.refresh_from_db()
    assert snapshot.status == Snapshot.Status.DELETED
    assert kept.expires_at is None
    until(lambda: not snapshot_files.directory_of(snapshot.id).exists(), "removed")


def test_only_the_last_snapshots_are_kept(filled):
    configuration.apply(filled, keep_last_snapshots={"count": 2, "expiration": 3600})
    all_of_them = [made(filled) for _ in range(3)]
    states = [Snapshot.objects.get(pk=snapshot.pk).status for snapshot in all_of_them]
    assert states == ["deleted", "created", "created"]
    newest = Snapshot.objects.get(pk=all_of_them[-1].pk)
    assert newest.expires_at - newest.created_at == timedelta(hours=1)


def test_the_tree_of_snapshots_shows_what_came_from_what(filled, owner):
    first, second = made(filled), made(filled)
    other = creating.create_sandbox(owner, snapshot=first)
    readiness.wait_until_running(other, PATIENCE)
    branch = made(other)
    assert snapshot_lineage.ancestors(second, 10) == [first]
    assert snapshot_lineage.descendants(first, 10) == [second, branch]
    assert list(snapshot_lineage.siblings(second)) == [branch]


def test_a_sandbox_that_never_ran_has_nothing_to_save(owner):
    with pytest.raises(Refusal, match="never started"):
        snapshots.create(creating.create_sandbox(owner, start=False))


def test_a_user_keeps_only_so_many_snapshots(sandbox, settings):
    settings.SNAPSHOTS_PER_USER = 1
    made(sandbox)
    with pytest.raises(Refusal) as refusal:
        snapshots.create(sandbox)
    assert refusal.value.code == "limit"


def test_nobody_starts_from_the_snapshot_of_another(sandbox, django_user_model):
    snapshot = made(sandbox)
    bob = django_user_model.objects.create_user("bob")
    with pytest.raises(Refusal, match="no such snapshot"):
        snapshots.get_for(bob, snapshot.id)
    with pytest.raises(Refusal, match="no such snapshot"):
        creating.create_sandbox(bob, snapshot=snapshot)


def test_a_snapshot_that_cannot_be_stored_says_why(sandbox, store, monkeypatch):
    # As if the disk had filled up between the request and the copy.
    monkeypatch.setattr(reserve, "is_held", lambda: True)
    monkeypatch.setattr(reserve, "size", lambda: 1 << 60)
    snapshot = readiness.wait_until_made(snapshots.create(sandbox), PATIENCE)
    assert snapshot.status == Snapshot.Status.FAILED
    assert "disk is nearly full" in snapshot.error
    assert "Delete snapshots" in snapshot.error
    until(lambda: not list(store.iterdir()), "an empty store")


def test_deleting_a_snapshot_that_is_being_made_breaks_the_copy_off(filled, store, monkeypatch):
    asked = snapshot_files._wanted

    def deleted_meanwhile(snapshot, progress):
        snapshots.delete(Snapshot.objects.get(pk=snapshot.pk))
        return asked(snapshot, progress)

    monkeypatch.setattr(snapshot_files, "_wanted", deleted_meanwhile)
    snapshot = readiness.wait_until_made(snapshots.create(filled), PATIENCE)
    assert snapshot.status == Snapshot.Status.DELETED
    until(lambda: not holds.is_held(filled.id), "the end of the copy")
    assert list(store.iterdir()) == []
    run(filled, "test -e note")


def test_what_a_crash_has_left_is_swept_away(sandbox, store):
    snapshot = made(sandbox)
    for name in (".making-snap_gone", ".removing-snap_gone-12ab34cd", "snap_unknown"):
        (store / name / "workspace").mkdir(parents=True)
    (shares.root_of(sandbox).parent / f".restoring-{sandbox.id}").mkdir()
    until(lambda: not holds.is_held(sandbox.id), "the end of its start")
    leftovers.sweep()
    assert [path.name for path in store.iterdir()] == [snapshot.id]
    assert [path.name for path in shares.root_of(sandbox).parent.iterdir()] == [sandbox.id]


def test_the_event_log_tells_the_life_of_a_sandbox(filled):
    snapshot = made(filled, name="milestone")
    snapshots.restore(filled, snapshot)
    readiness.wait_until_running(filled, PATIENCE)
    texts = [event.text for event in SandboxEvent.objects.filter(sandbox=filled).order_by("id")]
    told = "\n".join(texts)
    for part in (
        "Started in",
        "snapshot milestone was made",
        "Ended: a snapshot",
        "Its files are",
    ):
        assert part in told


def test_a_sandbox_whose_process_stood_still_when_the_worker_died_goes_on(filled):
    """What reconcile does after a kill in the middle of a copy."""
    waiting = "import os, time\nwhile not os.path.exists('go'): time.sleep(0.05)"
    command = commands.run(filled, "python3", ["-c", waiting], background=True)
    until(lambda: Command.objects.get(pk=command.pk).pid, "a process")
    handle = handles.handle_of(filled.session)
    for pid in descendants(handle.pid):
        os.kill(pid, signal.SIGSTOP)
    files.write_files(filled, [("go", b"")])
    Snapshot.objects.create(
        owner=filled.owner, sandbox=filled, session=filled.session, node=filled.session.node
    )
    reconcile.reconcile_node(frozenset([command.id]))
    assert commands.wait(command, PATIENCE).succeeded
    until(lambda: Snapshot.objects.get().status == Snapshot.Status.CREATED, "made")
