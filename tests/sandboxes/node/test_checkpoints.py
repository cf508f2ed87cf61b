"""Versions that a worker which died has left half made."""

from __future__ import annotations

import pytest
from django.utils import timezone

from sandboxes.engine.versions.staging import Staging
from sandboxes.host import shares, versions
from sandboxes.models import Checkpoint, Sandbox
from sandboxes.node import checkpoint_files, leftovers, reconcile
from sandboxes.services import checkpoints, commands, creating, files, forks, lifecycle, quotas
from tests.fixtures.rows import make_sandbox
from tests.fixtures.waiting import PATIENCE, until

pytestmark = pytest.mark.sandbox


def saved(sandbox: Sandbox, text: str) -> Checkpoint:
    files.write_files(sandbox, [("note", text.encode())])
    made = checkpoints.create(sandbox)
    assert made is not None
    return checkpoints.wait(made, PATIENCE)


def test_a_restore_whose_worker_died_is_done_to_its_end_by_the_next(sandbox, monkeypatch):
    first = saved(sandbox, "one")
    saved(sandbox, "two")
    monkeypatch.setattr("sandboxes.services.checkpoints.enqueue", lambda *_, **__: None)
    asked = checkpoints.restore(first)
    monkeypatch.undo()
    assert asked.is_pending
    reconcile.reconcile_node()
    assert checkpoints.wait(asked, PATIENCE).status == Checkpoint.Status.MADE
    assert files.read_file(sandbox, "note") == b"one"
    assert not Checkpoint.objects.filter(status=Checkpoint.Status.REQUESTED).exists()


def test_what_was_there_before_a_restore_is_not_given_up_in_the_middle_of_it(sandbox, monkeypatch):
    first = saved(sandbox, "one")
    monkeypatch.setattr(
        "sandboxes.node.checkpoint_files.events.checkpoint_changed",
        lambda made: checkpoints.drop(made) if made.status == Checkpoint.Status.UNCHANGED else None,
    )
    monkeypatch.setattr("sandboxes.services.checkpoints.enqueue", lambda *_, **__: None)
    asked = checkpoints.restore(first)
    checkpoint_files.make(asked.pk)
    asked.refresh_from_db()
    assert (asked.status, asked.before.status) == ("made", "unchanged")


def test_a_version_that_is_given_up_while_it_is_waited_for_held_nothing(sandbox):
    made = Checkpoint.objects.create(sandbox=sandbox, node="node-a")
    Checkpoint.objects.filter(pk=made.pk).delete()
    assert checkpoints.wait(made, PATIENCE).status == Checkpoint.Status.UNCHANGED


def test_a_journal_is_finished_before_the_sandbox_starts_again(sandbox):
    first = saved(sandbox, "one")
    saved(sandbox, "two")
    staging = Staging(versions.place_of(sandbox).staging)
    staging.begin("somebody")
    store = versions.store_of(sandbox)
    blob = store.files_of(first.commit)["note"]
    (content,) = store.contents([blob.sha])
    workspace = shares.root_of(sandbox) / "workspace"
    info = workspace.stat()
    number = staging.add(blob, content, 0o644, (info.st_uid, info.st_gid))
    staging.decide([["put", number, "note", True]])
    lifecycle.stop(sandbox)
    until(lambda: not Sandbox.objects.get(pk=sandbox.pk).is_live)
    sandbox.refresh_from_db()
    lifecycle.resume(sandbox)
    until(lambda: Sandbox.objects.get(pk=sandbox.pk).is_running)
    assert (workspace / "note").read_text() == "one"


def test_a_version_whose_worker_dies_each_time_is_given_up_with_a_reason(owner):
    sandbox = make_sandbox(owner, status="stopped")
    asked = checkpoints.create(sandbox)
    assert asked is not None
    Checkpoint.objects.filter(pk=asked.pk).update(attempts=checkpoint_files.MAX_ATTEMPTS)
    checkpoint_files.make(asked.pk)
    asked.refresh_from_db()
    assert asked.status == Checkpoint.Status.FAILED
    assert "ended each time" in asked.error


def test_the_repository_goes_with_the_sandbox_once_nobody_keeps_a_version(owner, sandbox_worker):
    sandbox = creating.create_sandbox(owner)
    until(lambda: Sandbox.objects.get(pk=sandbox.pk).is_running)
    sandbox.refresh_from_db()
    saved(sandbox, "one")
    place = versions.place_of(sandbox).versions
    assert place.exists()
    lifecycle.delete(sandbox)
    until(lambda: not shares.root_of(sandbox).exists())
    leftovers.sweep()
    assert place.exists()
    checkpoints.forget(Checkpoint.objects.filter(sandbox=sandbox).values_list("pk", flat=True))
    until(lambda: not place.exists())


def test_what_kept_versions_of_a_deleted_sandbox_take_counts_for_their_owner(owner):
    before = quotas.use_of(owner.pk).disk
    sandbox = make_sandbox(owner, versions_bytes=5_000_000)
    Sandbox.objects.filter(pk=sandbox.pk).update(deleted_at=timezone.now())
    assert quotas.use_of(owner.pk).disk == before + 5_000_000


def test_a_version_becomes_a_sandbox_of_its_own_after_its_sandbox_is_deleted(owner, sandbox_worker):
    sandbox = creating.create_sandbox(owner, env={"TOKEN": "kept"})
    until(lambda: Sandbox.objects.get(pk=sandbox.pk).is_running)
    sandbox.refresh_from_db()
    files.write_files(sandbox, [("run.sh", b"#!/bin/sh\n"), ("src/deep/app.py", b"one\n")])
    files.set_mode(sandbox, "run.sh", 0o755)
    first = saved(sandbox, "one")
    files.write_files(sandbox, [("src/deep/app.py", b"two\n")])
    lifecycle.delete(sandbox)
    until(lambda: not shares.root_of(sandbox).exists())
    made = forks.fork(sandbox, checkpoint=first)
    until(lambda: Sandbox.objects.get(pk=made.pk).is_running)
    made.refresh_from_db()
    assert files.read_file(made, "src/deep/app.py") == b"one\n"
    done = commands.run(made, "sh", ["-c", "./run.sh && echo more >> src/deep/app.py; id -u"])
    assert commands.wait(done, 20).exit_code == 0
    assert files.read_file(made, "src/deep/app.py") == b"one\nmore\n"
    assert made.env == {"TOKEN": "kept"}


def test_a_repository_without_a_sandbox_is_swept_away(db):
    lost = versions.directory() / "nobody"
    lost.mkdir(parents=True)
    leftovers.sweep()
    assert not lost.exists()
