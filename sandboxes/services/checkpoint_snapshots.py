"""Snapshots of saved versions: means to begin a sandbox with their files; they go by themselves."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from sandboxes.models import Checkpoint, Snapshot
from sandboxes.news import events
from sandboxes.services import quotas
from sandboxes.services.queues import queue_of
from sandboxes.services.snapshots import MAKE_JOB, job_of
from vibe.accounts.models import User
from vibe.jobs.queue import enqueue
from vibe.refusal import Refusal


def create(
    checkpoint: Checkpoint,
    expiration: int,
    *,
    owner: User | None = None,
    without: Collection[str] = (),
) -> Snapshot:
    """Ask for a means to begin a sandbox with the files of a saved version, but for the paths
    `without`; the sandbox that it is of may be gone. `expiration` in seconds. `owner`: who begins
    the sandbox, where that is somebody else, to whom the caller gives them. Raises Refusal."""
    sandbox = checkpoint.sandbox
    owner = owner or sandbox.owner
    if checkpoint.status != Checkpoint.Status.MADE or sandbox.session is None:
        raise Refusal("This version holds no files.", "Choose another.", "conflict")
    now = timezone.now()
    with transaction.atomic():
        quotas.take_turn(owner.pk)
        quotas.check_reserve()
        snapshot = Snapshot.objects.create(
            owner=owner,
            sandbox=sandbox,
            session=sandbox.session,
            checkpoint=checkpoint,
            without=sorted(without),
            node=checkpoint.node,
            method=Snapshot.Method.FORK,
            created_at=now,
            expires_at=now + timedelta(seconds=expiration),
        )
        enqueue(queue_of(snapshot), MAKE_JOB, snapshot.id, job_id=job_of(snapshot))
    events.snapshot_changed(snapshot)
    return snapshot
