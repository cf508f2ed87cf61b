"""Asking for versions of a sandbox's files, and for one of them to be put back."""

from __future__ import annotations

import time
from collections.abc import Iterable

from django.db import transaction

from sandboxes.models import Checkpoint, Sandbox
from sandboxes.news import events
from sandboxes.services import quotas, waiting
from sandboxes.services.queues import queue_of
from vibe.jobs.queue import enqueue
from vibe.refusal import Refusal
from vibe.streams.stream import EventStream

MAKE_JOB = "sandboxes.jobs.make_checkpoint"
PRUNE_JOB = "sandboxes.jobs.prune_checkpoints"


def create(sandbox: Sandbox, *, only_if_changed: bool = False) -> Checkpoint | None:
    """Ask for a version of the sandbox's files as they are now; it is made in the background.

    None for a sandbox that was never started, and so has none.
    """
    if sandbox.session is None or sandbox.deleted_at is not None:
        return None
    checkpoint = Checkpoint(
        sandbox=sandbox, node=sandbox.session.node, only_if_changed=only_if_changed
    )
    with transaction.atomic():
        _ask(checkpoint)
    return checkpoint


def restore(target: Checkpoint, *, keep_data: bool = False) -> Checkpoint:
    """Ask for the files of `target` in the place of the present ones; the version that comes of it.

    The present ones become a version before that (`before` of it), unless nothing has changed.
    Raises Refusal.
    """
    sandbox = target.sandbox
    if sandbox.deleted_at is not None or sandbox.session is None:
        raise Refusal(
            "The sandbox of this version was deleted, and its files with it.",
            "Download the version, or take a new sandbox with its files.",
            "conflict",
        )
    if target.status != Checkpoint.Status.MADE:
        raise Refusal(
            f"This version holds no files: it is {target.get_status_display()}.",
            "Choose another.",
            "conflict",
        )
    with transaction.atomic():
        quotas.take_turn(sandbox.owner_id)
        if is_being_restored(sandbox):
            raise Refusal(
                "Another version is being restored in this sandbox.",
                "Wait a moment, then try again.",
                "conflict",
                retry_after=2,
            )
        quotas.check_reserve()
        quotas.check_disk(sandbox.owner_id, 0)
        node = sandbox.session.node
        before = Checkpoint.objects.create(sandbox=sandbox, node=node, only_if_changed=True)
        after = Checkpoint(
            sandbox=sandbox, node=node, restores=target, before=before, keeps_data=keep_data
        )
        _ask(after)
    return after


def is_being_restored(sandbox: Sandbox) -> bool:
    pending = Checkpoint.objects.filter(sandbox=sandbox, status=Checkpoint.Status.REQUESTED)
    return pending.exclude(before=None).exists()


def _ask(checkpoint: Checkpoint) -> None:
    checkpoint.save()
    enqueue(queue_of(checkpoint), MAKE_JOB, checkpoint.id, job_id=job_of(checkpoint))
    transaction.on_commit(lambda: events.checkpoint_changed(checkpoint))


def wait(checkpoint: Checkpoint, timeout: float) -> Checkpoint:
    """Block until it is made or has failed, or `timeout` seconds are over; the refreshed row. One
    that was given up meanwhile held nothing: it is answered as unchanged."""
    stream = EventStream(events.sandbox_key(checkpoint.sandbox_id))
    deadline = time.monotonic() + timeout
    seen = stream.last()
    while True:
        try:
            checkpoint.refresh_from_db()
        except Checkpoint.DoesNotExist:
            checkpoint.status = Checkpoint.Status.UNCHANGED
        left = deadline - time.monotonic()
        if not checkpoint.is_pending or left <= 0:
            return checkpoint
        seen = stream.wait(seen, min(left, 1.0))


async def settled(sandbox_id: str, timeout: float) -> None:
    """Until none of the sandbox's is being made any more, or `timeout` seconds are over."""

    def look() -> bool | None:
        pending = Checkpoint.objects.filter(sandbox=sandbox_id, status=Checkpoint.Status.REQUESTED)
        return None if pending.exists() else True

    await waiting.until(events.sandbox_key(sandbox_id), look, timeout)


def forget(ids: Iterable[str]) -> None:
    """Give these up; their part of the repository goes in the background."""
    rows = Checkpoint.objects.filter(pk__in=list(ids))
    sandboxes = {(row.sandbox_id, queue_of(row)) for row in rows}
    rows.delete()
    for sandbox_id, queue in sandboxes:
        enqueue(queue, PRUNE_JOB, sandbox_id)


def drop(checkpoint: Checkpoint) -> None:
    """Forget one in which nothing had changed; it has taken no room of its own. Not yet while a
    restore stands on it, which a crash may have to begin anew."""
    restoring = Checkpoint.objects.filter(before=checkpoint, status=Checkpoint.Status.REQUESTED)
    if not restoring.exists():
        checkpoint.delete()


def job_of(checkpoint: Checkpoint) -> str:
    return f"make-{checkpoint.id}"
