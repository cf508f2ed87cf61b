"""How the making of a snapshot went, as its row and the event log tell it."""

from __future__ import annotations

import logging

from django.db import transaction
from django.utils import timezone

from sandboxes.engine.trees.process import Progress
from sandboxes.models import Sandbox, SandboxEvent, Snapshot
from sandboxes.news import event_log, events
from sandboxes.services import retention

logger = logging.getLogger(__name__)


def made(snapshot: Snapshot, progress: Progress) -> bool:
    """Write down that it is there; False when it was deleted at the last moment."""
    with transaction.atomic():  # who waits for it sees all that follows from it
        recorded = _record_made(snapshot, progress)
    if recorded:
        events.snapshot_changed(snapshot)
    return recorded


def _record_made(snapshot: Snapshot, progress: Progress) -> bool:
    now = timezone.now()
    changed = Snapshot.objects.filter(pk=snapshot.pk, status=Snapshot.Status.CREATING).update(
        status=Snapshot.Status.CREATED,
        size_bytes=progress.size,
        file_count=progress.entries,
        finished_at=now,
        updated_at=now,
    )
    if not changed:
        return False
    snapshot.refresh_from_db()
    sandbox = snapshot.sandbox
    assert sandbox is not None
    if snapshot.method != Snapshot.Method.FORK:
        Sandbox.objects.filter(pk=sandbox.pk).update(current_snapshot=snapshot)
        event_log.record(
            sandbox,
            SandboxEvent.Kind.SNAPSHOT,
            f"The snapshot {snapshot} was made.",
            snapshot=snapshot.id,
        )
        retention.keep_last(sandbox)
    return True


def failed(snapshot: Snapshot, reason: str) -> None:
    """Write down why it could not be made."""
    logger.warning("snapshot %s: %s", snapshot.id, reason)
    now = timezone.now()
    changed = Snapshot.objects.filter(pk=snapshot.pk, status=Snapshot.Status.CREATING).update(
        status=Snapshot.Status.FAILED, error=reason, finished_at=now, updated_at=now
    )
    if changed and snapshot.sandbox:
        snapshot.refresh_from_db()
        event_log.record(
            snapshot.sandbox,
            SandboxEvent.Kind.SNAPSHOT,
            f"A snapshot failed: {reason}",
            snapshot=snapshot.id,
        )
        events.snapshot_changed(snapshot)
