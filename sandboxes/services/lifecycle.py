"""Asking for the start, a longer life, the stop and the end of sandboxes."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from sandboxes.host import isolation
from sandboxes.models import Sandbox, SandboxEvent, SandboxSession, Snapshot
from sandboxes.news import event_log, events, webhooks
from sandboxes.services import drives, quotas
from sandboxes.services.finding import not_found, running_session
from sandboxes.services.queues import queue_of
from sandboxes.services.snapshot_checks import check_fits, size_of
from vibe.accounts.models import User
from vibe.jobs.queue import enqueue
from vibe.refusal import Refusal

# A session of these need not be started.
STARTED = (SandboxSession.Status.PENDING, SandboxSession.Status.RUNNING)
START_JOB = "sandboxes.jobs.start_session"
STOP_JOB = "sandboxes.jobs.stop_session"
EXTEND_JOB = "sandboxes.jobs.extend_session"


def resume(sandbox: Sandbox, *, snapshot: Snapshot | None = None) -> SandboxSession:
    """Start a new session of a stopped sandbox; of a running one, return the session.

    One that is being stopped, or of which a snapshot is being made, starts as soon as that is
    done. With a `snapshot`, the new session begins with its files.
    """
    isolation.engine()
    with transaction.atomic():
        quotas.take_turn(sandbox.owner_id)
        current = Sandbox.objects.select_for_update(of=("self",)).get(pk=sandbox.pk)
        if current.deleted_at:
            raise not_found()
        session = current.session
        if session is None or session.status not in STARTED:
            drives.check_mountable(current)
            if snapshot is not None:
                _make_room(current, snapshot)
                current.next_snapshot = snapshot
            session = request_session(current)
    sandbox.refresh_from_db()
    events.session_changed(sandbox)
    return session


def stop(
    sandbox: Sandbox, *, reason: str = SandboxSession.StopReason.USER, by: User | None = None
) -> None:
    """Ask for the end of the running session; its files stay."""
    session = sandbox.session
    if session is None:
        return
    changed = SandboxSession.objects.filter(
        pk=session.pk, status__in=[SandboxSession.Status.PENDING, SandboxSession.Status.RUNNING]
    ).update(status=SandboxSession.Status.STOPPING, stop_reason=reason)
    if changed:
        enqueue(queue_of(session), STOP_JOB, session.id, job_id=f"stop-{session.id}")
        if by is not None and reason == SandboxSession.StopReason.USER:
            event_log.record(sandbox, SandboxEvent.Kind.LIFECYCLE, f"{by} asked for its end.")


def extend(sandbox: Sandbox, seconds: int, *, whole: bool = False) -> datetime:
    """Let the running session live `seconds` longer; returns its new end.

    Where the longest life is nearer than that, it is given up to there, or with `whole` refused.
    """
    session = running_session(sandbox)
    assert session.expires_at is not None and session.started_at is not None
    if seconds <= 0:
        raise Refusal("A sandbox can only be extended by a positive number of seconds.")
    latest = session.started_at + timedelta(seconds=settings.SANDBOX_TIMEOUT_MAX)
    expires_at = min(session.expires_at + timedelta(seconds=seconds), latest)
    if expires_at <= session.expires_at or (
        whole and expires_at < session.expires_at + timedelta(seconds=seconds)
    ):
        raise Refusal(
            "This sandbox has reached the longest time that one session may live.",
            "Stop it and start it again: its files stay.",
            code="limit",
        )
    SandboxSession.objects.filter(pk=session.pk).update(expires_at=expires_at)
    enqueue(queue_of(session), EXTEND_JOB, session.id)
    sandbox.refresh_from_db()
    event_log.record(
        sandbox, SandboxEvent.Kind.LIFECYCLE, f"Extended by {seconds} seconds.", seconds=seconds
    )
    events.session_changed(sandbox)
    return expires_at


def delete(sandbox: Sandbox) -> None:
    """Stop it and hide it; its files go when the session has ended."""
    with transaction.atomic():  # who ends it sees that nobody needs its files counted any more
        stop(sandbox, reason=SandboxSession.StopReason.DELETED)
        Sandbox.objects.filter(pk=sandbox.pk, deleted_at=None).update(deleted_at=timezone.now())
    sandbox.refresh_from_db()
    events.session_changed(sandbox)
    webhooks.sandbox(sandbox, "deleted")
    enqueue(settings.SANDBOX_QUEUE, "sandboxes.jobs.remove_files", sandbox.id)


def request_session(sandbox: Sandbox) -> SandboxSession:
    """Ask for a new session of a sandbox that has none, within the caller's transaction, which
    has taken the owner's turn. Raises Refusal."""
    quotas.check_running(sandbox.owner_id, but=sandbox)
    mounted = drives.bytes_of_copies(sandbox)
    if mounted:
        quotas.check_reserve()
        quotas.check_disk(sandbox.owner_id, mounted)
    session = SandboxSession.objects.create(
        sandbox=sandbox,
        node=settings.NODE_NAME,
        source_snapshot=sandbox.next_snapshot,
        mounted_bytes=mounted,
    )
    sandbox.session = session
    sandbox.next_snapshot = None
    sandbox.status = Sandbox.Status.PENDING
    sandbox.save(update_fields=["session", "next_snapshot", "status", "updated_at"])
    enqueue(queue_of(session), START_JOB, session.id, job_id=f"start-{session.id}")
    return session


def _make_room(sandbox: Sandbox, snapshot: Snapshot) -> None:
    """Count the snapshot's files in place of the sandbox's, or raise Refusal."""
    check_fits(snapshot, sandbox)
    quotas.check_reserve()
    size = size_of(snapshot)
    more = size - sandbox.disk_bytes
    if more > 0:
        quotas.check_disk(sandbox.owner_id, more)
    Sandbox.objects.filter(pk=sandbox.pk).update(disk_bytes=size)
