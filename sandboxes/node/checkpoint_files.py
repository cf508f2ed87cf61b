"""Versions of a sandbox's files as the worker of its node makes, restores and removes them."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from sandboxes.engine import EngineError
from sandboxes.engine.versions import kinds, process
from sandboxes.engine.versions.process import VersionFailed
from sandboxes.engine.versions.store import StoreError
from sandboxes.host import versions
from sandboxes.models import Checkpoint, Sandbox, SandboxEvent
from sandboxes.news import event_log, events
from sandboxes.node import holds, snapshot_files
from sandboxes.node.stillness import still
from sandboxes.services import checkpoints, lifecycle, quotas, readiness, servers
from vibe.jobs.queue import enqueue
from vibe.refusal import Refusal

logger = logging.getLogger(__name__)

# A worker that dies over a version again and again must not do so for ever.
MAX_ATTEMPTS = 5
START_SECONDS = 30.0
PACK_EVERY = 50  # versions, after which the repository is packed anew
Status = Checkpoint.Status


def make(checkpoint_id: str) -> None:
    """Make or restore a requested version, after those that were asked for before it."""
    asked = _present(checkpoint_id)
    if asked is None:
        return
    with holds.exclusive(asked.sandbox_id):
        waiting = Checkpoint.objects.filter(
            sandbox=asked.sandbox_id,
            status=Status.REQUESTED,
            restored_by=None,
            created_at__lte=asked.created_at,
        )
        for checkpoint in waiting.order_by("created_at", "id"):
            _make_held(checkpoint)
    asked = _present(checkpoint_id)
    if asked is not None and asked.status == Status.MADE and asked.restores is not None:
        _start_servers(asked, asked.restores)


def finish(sandbox: Sandbox) -> None:
    """Do to its end what a crash has cut off of a restore; fine to repeat."""
    try:
        process.finish(versions.place_of(sandbox))
    except (VersionFailed, OSError):
        logger.exception("the restore in sandbox %s could not be finished", sandbox.id)


def prune(sandbox_id: str) -> None:
    """Give back the space of versions that are given up; of the last one, the repository."""
    sandbox = Sandbox.objects.get(pk=sandbox_id)
    with holds.exclusive(sandbox_id):
        kept = set(Checkpoint.objects.filter(sandbox=sandbox).values_list("pk", flat=True))
        place = versions.place_of(sandbox)
        if not kept:
            snapshot_files.discard(place.versions)
            size = 0
        else:
            size = process.prune(place, kept)
        Sandbox.objects.filter(pk=sandbox_id).update(versions_bytes=size)


def _present(checkpoint_id: str) -> Checkpoint | None:
    """Its row as it is now. Whoever sees that a version is settled may give it up at once, so a row
    can be gone whenever it is looked at again."""
    return Checkpoint.objects.select_related("sandbox").filter(pk=checkpoint_id).first()


def _make_held(waiting: Checkpoint) -> None:
    Checkpoint.objects.filter(pk=waiting.pk).update(attempts=F("attempts") + 1)
    checkpoint = _present(waiting.pk)
    if checkpoint is None:
        return
    try:
        if checkpoint.attempts > MAX_ATTEMPTS:
            raise VersionFailed("The sandbox worker ended each time while it was made.")
        sandbox = checkpoint.sandbox
        if sandbox.deleted_at is not None:
            raise VersionFailed("Its sandbox is gone.")
        if checkpoint.restores is not None:
            _restore(checkpoint, sandbox, checkpoint.restores)
        else:
            _record(checkpoint, sandbox)
    except (VersionFailed, StoreError, EngineError, Refusal, OSError) as error:
        _fail(checkpoint, str(error))


def _record(checkpoint: Checkpoint, sandbox: Sandbox) -> None:
    quotas.check_reserve()
    quotas.check_disk(sandbox.owner_id, 0)
    finish(sandbox)
    base = _newest(sandbox)
    ran = servers.described(sandbox)
    with still(sandbox):
        made = process.record(
            versions.place_of(sandbox),
            checkpoint.pk,
            base=base.commit if base else "",
            always=not checkpoint.only_if_changed,
            bounds=versions.bounds(),
        )
    _settle(checkpoint, made, base=base, servers=ran)


def _restore(checkpoint: Checkpoint, sandbox: Sandbox, target: Checkpoint) -> None:
    place = versions.place_of(sandbox)
    before, base = checkpoint.before, _newest(sandbox)
    assert before is not None
    ran = servers.described(sandbox)
    if sandbox.is_running:
        servers.end(sandbox)
    with still(sandbox):
        made = process.restore(
            place,
            target.commit,
            name=checkpoint.pk,
            before=before.pk,
            base=base.commit if base else "",
            keep_data=checkpoint.keeps_data,
            bounds=versions.bounds(),
        )
    _settle(before, made["before"], base=base, servers=ran)
    present = before if before.status == Status.MADE else base
    changed = kinds.install_commands(present.locks if present else {}, made["after"]["locks"])
    _settle(checkpoint, made["after"], base=present, servers=target.servers, next_steps=changed)
    process.settle(place)
    events.files_changed(sandbox.id)
    event_log.record(
        sandbox, SandboxEvent.Kind.SNAPSHOT, "An earlier version of its files is back."
    )


def _settle(checkpoint: Checkpoint, made: dict[str, Any], **columns: Any) -> None:
    """Write down what came of it."""
    sandbox = checkpoint.sandbox
    unchanged = checkpoint.only_if_changed and not made["differs"]
    _write(
        checkpoint,
        status=Status.UNCHANGED if unchanged else Status.MADE,
        commit=made["commit"],
        file_count=made["files"],
        files_changed=made["files_changed"],
        lines_added=made["added"],
        lines_removed=made["removed"],
        left_out=made["left_out"],
        data_files=made["data"],
        locks=made["locks"],
        facts={"runtime": sandbox.runtime, "image": sandbox.image, "ports": sandbox.ports},
        **columns,
    )
    Sandbox.objects.filter(pk=sandbox.pk).update(versions_bytes=made["size"])
    if Checkpoint.objects.filter(sandbox=sandbox).count() % PACK_EVERY == 0:
        enqueue(settings.SANDBOX_QUEUE, checkpoints.PRUNE_JOB, sandbox.pk)
    events.checkpoint_changed(checkpoint)


def _write(checkpoint: Checkpoint, **columns: Any) -> None:
    """The end of one that was asked for; what has ended otherwise stays as it is."""
    columns["finished_at"] = timezone.now()
    asked = Checkpoint.objects.filter(pk=checkpoint.pk, status=Status.REQUESTED)
    if asked.update(**columns):
        for column, value in columns.items():
            setattr(checkpoint, column, value)


def _fail(checkpoint: Checkpoint, reason: str) -> None:
    logger.warning("version %s: %s", checkpoint.pk, reason)
    if checkpoint.restores_id:
        finish(checkpoint.sandbox)
    for failed in (checkpoint, checkpoint.before):
        if failed is not None:
            _write(failed, status=Status.FAILED, error=reason)
    events.checkpoint_changed(checkpoint)


def _start_servers(checkpoint: Checkpoint, target: Checkpoint) -> None:
    """As that version had them; how it went is in the event log and in the row."""
    sandbox = Sandbox.objects.select_related("session", "owner").get(pk=checkpoint.sandbox_id)
    if not target.servers:
        return
    try:
        if not sandbox.is_running:
            lifecycle.resume(sandbox)
            sandbox = readiness.wait_until_running(sandbox, START_SECONDS)
        servers.start(sandbox, target.servers)
    except Refusal as error:
        Checkpoint.objects.filter(pk=checkpoint.pk).update(
            error=f"Its servers could not be started again: {error}"
        )
        events.checkpoint_changed(checkpoint)


def _newest(sandbox: Sandbox) -> Checkpoint | None:
    made = Checkpoint.objects.filter(sandbox=sandbox, status=Status.MADE)
    return made.order_by("-finished_at", "-created_at").first()
