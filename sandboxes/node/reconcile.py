"""Making the rows agree with what really runs, after a crash, a restart or a wiped Redis."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from sandboxes.host import handles
from sandboxes.models import Checkpoint, Command, SandboxSession, Snapshot
from sandboxes.node import checkpoint_files, holds, runs, sessions, warm
from sandboxes.node.browsing import settling
from sandboxes.node.stillness import let_go
from sandboxes.services import checkpoints, commands, lifecycle, snapshots
from vibe.jobs.queue import enqueue_again, is_waiting


def reconcile_node(
    supervised: frozenset[str] = frozenset(), older_than: float = 0.0
) -> list[SandboxSession]:
    """Settle the sessions and commands of this node; returns the sessions that run.

    Dead sessions are recorded as stopped. Commands that still run, and requests whose job Redis
    has lost, get a job again; `supervised` names the commands that have one, and what was
    requested less than `older_than` seconds ago may be on its way.
    """
    before = timezone.now() - timedelta(seconds=older_than)
    living = [session for session in _sessions(before) if _settle(session)]
    _snapshots(before)
    _checkpoints(before)
    settling.settle(before)
    for command in _unfinished(before):
        if command.id in supervised:
            continue
        if command.session.status not in SandboxSession.LIVE:
            runs.failed(command.id, Command.Cause.SANDBOX_STOPPED, "")
        elif not is_waiting(settings.SANDBOX_QUEUE, command.id):
            enqueue_again(settings.SANDBOX_QUEUE, commands.RUN_JOB, command.id, job_id=command.id)
    return living


def stop_all(reason: str = SandboxSession.StopReason.HOST_RESTARTED) -> None:
    """End every session of this node, directly: for the orderly stop of the platform."""
    for session in _sessions(timezone.now()):
        SandboxSession.objects.filter(pk=session.pk, stop_reason="").update(stop_reason=reason)
        sessions.stop(session.id)
    for command in _unfinished(timezone.now()):
        runs.failed(command.id, Command.Cause.SANDBOX_STOPPED, "")
    warm.end_all()


def _sessions(before: datetime) -> list[SandboxSession]:
    return list(
        SandboxSession.objects.filter(
            node=settings.NODE_NAME, status__in=SandboxSession.LIVE, requested_at__lte=before
        ).select_related("sandbox")
    )


def _unfinished(before: datetime) -> QuerySet[Command]:
    return Command.objects.filter(
        session__node=settings.NODE_NAME,
        status__in=[Command.Status.QUEUED, Command.Status.RUNNING],
        created_at__lte=before,
    ).select_related("session")


def _snapshots(before: datetime) -> None:
    """Snapshots that were asked for and that nobody makes get a job again."""
    asked = Snapshot.objects.filter(
        node=settings.NODE_NAME, status=Snapshot.Status.CREATING, created_at__lte=before
    )
    for snapshot in asked.select_related("session"):
        job_id = snapshots.job_of(snapshot)
        if holds.is_held(snapshot.sandbox_id or snapshot.id):
            continue
        if not is_waiting(settings.SANDBOX_QUEUE, job_id):
            let_go(snapshot.session)
            enqueue_again(settings.SANDBOX_QUEUE, snapshots.MAKE_JOB, snapshot.id, job_id=job_id)


def _checkpoints(before: datetime) -> None:
    """Versions that were asked for and that nobody makes get a job again; a restore that was cut
    off is done to its end at once, before anything in the sandbox goes on."""
    asked = Checkpoint.objects.filter(
        node=settings.NODE_NAME,
        status=Checkpoint.Status.REQUESTED,
        created_at__lte=before,
        restored_by=None,
    )
    for checkpoint in asked.select_related("sandbox__session").order_by("created_at"):
        job_id = checkpoints.job_of(checkpoint)
        if holds.is_held(checkpoint.sandbox_id):
            continue
        if not is_waiting(settings.SANDBOX_QUEUE, job_id):
            checkpoint_files.finish(checkpoint.sandbox)
            let_go(checkpoint.sandbox.session)
            enqueue_again(
                settings.SANDBOX_QUEUE, checkpoints.MAKE_JOB, checkpoint.id, job_id=job_id
            )


def _settle(session: SandboxSession) -> bool:
    """Whether the session runs; one that does not is started, or recorded as ended."""
    if session.status == SandboxSession.Status.PENDING:
        job_id = f"start-{session.id}"
        if not is_waiting(settings.SANDBOX_QUEUE, job_id):
            enqueue_again(settings.SANDBOX_QUEUE, lifecycle.START_JOB, session.id, job_id=job_id)
        return False
    handle = handles.handle_of(session)
    if handle is None or not handles.engine_of(handle).alive(handle):
        if handle is not None:
            sessions.end_processes(session.id, handle)  # removes its socket and cgroup
        reason = sessions.reason_of_disappearance(session)
        sessions.ended(session.id, SandboxSession.Status.STOPPED, reason)
        return False
    if session.status == SandboxSession.Status.STOPPING:
        sessions.stop(session.id)
        return False
    return True
