"""The states of a session as its worker drives them: start, end, deadline."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from sandboxes.engine import (
    Engine,
    EngineError,
    Limits,
    SandboxHandle,
    directories,
    open_way,
    processes,
    usage,
)
from sandboxes.engine import limits as engine_limits
from sandboxes.host import isolation
from sandboxes.host.handles import agent_of, engine_of, handle_of
from sandboxes.host.shares import first_id_of, root_of
from sandboxes.models import Command, Drive, Sandbox, SandboxEvent, SandboxSession
from sandboxes.news import event_log, events, session_log, webhooks
from sandboxes.node import drive_files, warm
from sandboxes.node.specs import spec_of
from sandboxes.services import limits, servers
from vibe.refusal import Refusal

# The processor is left to the first command before the rest is recorded.
FIRST_MOMENTS = 0.03
MILLISECOND = timedelta(milliseconds=1)
Status = SandboxSession.Status
Prepare = Callable[[SandboxSession, SandboxHandle], None]


def start(
    session: SandboxSession,
    before_running: Prepare | None = None,
    when_running: Callable[[SandboxSession], None] | None = None,
) -> SandboxSession | None:
    """Start a requested session and record how to find it; None when it is not wanted any more.

    `before_running` is called when it has started and no command can run in it yet, and
    `when_running` as soon as some can. A failure is recorded on the session, in words for people.
    """
    session_id = session.id
    try:
        engine = isolation.engine()
        if not engine.level.mounts:
            open_way(settings.DATA_DIR, root_of(session.sandbox))
        handle = warm.take(session, engine.level)
        handed_over = handle is not None
        handle = handle or _started(engine, session)
        if before_running is not None:
            before_running(session, handle)
    except (EngineError, Refusal, OSError) as error:
        hint = getattr(error, "hint", "")
        ended(
            session_id,
            Status.FAILED,
            SandboxSession.StopReason.START_FAILED,
            f"{error} {hint}".strip(),
        )
        return None
    now = timezone.now()
    running = {
        "status": Status.RUNNING,
        "isolation": handle.level,
        "handle": asdict(handle),
        "started_at": now,
        "expires_at": now + timedelta(seconds=session.sandbox.timeout),
    }
    with transaction.atomic():
        changed = SandboxSession.objects.filter(pk=session_id, status=Status.PENDING).update(
            **running
        )
        if changed:
            Sandbox.objects.filter(session_id=session_id).update(status=Sandbox.Status.RUNNING)
    if not changed:  # somebody asked for its end while it started
        engine.kill(handle)
        ended(session_id, Status.STOPPED)
        return None
    for name, value in running.items():
        setattr(session, name, value)
    if when_running is not None:
        when_running(session)
    session.sandbox.session, session.sandbox.status = session, Sandbox.Status.RUNNING
    events.session_changed(session.sandbox)
    time.sleep(FIRST_MOMENTS)
    if handed_over:
        warm.settled(session_id)
    session_log.started(session)
    webhooks.sandbox(session.sandbox, "started")
    return session


def stop(session_id: str) -> str:
    """End a session's processes and record it; the id of its sandbox."""
    session = SandboxSession.objects.get(pk=session_id)
    handle = handle_of(session)
    if handle is not None:
        end_processes(session_id, handle)
    if session.status in (Status.RUNNING, Status.STOPPING) or handle is None:
        ended(session_id, Status.STOPPED)
    return session.sandbox_id


def end_processes(session_id: str, handle: SandboxHandle) -> None:
    """End whatever of a session is still there, and note what it has used of the processors."""
    if (used := usage.cpu_seconds(handle)) is not None:
        spent = round(used * 1000)
        SandboxSession.objects.filter(pk=session_id, cpu_ms=None).update(cpu_ms=spent)
    engine_of(handle).kill(handle)


def ended(session_id: str, status: str, reason: str = "", error: str = "") -> bool:
    """Record the end of a session; False when it was recorded before.

    `reason` holds unless the one who asked for the end gave one.
    """
    session = SandboxSession.objects.select_related("sandbox").get(pk=session_id)
    now = timezone.now()
    lasted = (now - session.started_at) // MILLISECOND if session.started_at else 0
    with transaction.atomic():
        changed = SandboxSession.objects.filter(
            pk=session_id, status__in=SandboxSession.LIVE
        ).update(
            status=status,
            stop_reason=session.stop_reason or reason,
            error=error,
            stopped_at=now,
        )
        if changed:
            failed = status == Status.FAILED
            servers.note_end(session_id)
            Command.objects.filter(session=session_id, left_processes__gt=0).update(
                left_processes=0
            )
            Sandbox.objects.filter(session_id=session_id).update(
                status=Sandbox.Status.FAILED if failed else Sandbox.Status.STOPPED,
                disk_counted_at=None,
            )
            Sandbox.objects.filter(pk=session.sandbox_id).update(
                total_cpu_ms=F("total_cpu_ms") + (session.cpu_ms or 0),
                total_duration_ms=F("total_duration_ms") + lasted,
            )
            if session.sandbox.mounts:
                Drive.objects.filter(session_id=session_id).update(counted_at=None)
    if changed:
        if session.sandbox.mounts:
            drive_files.detach(root_of(session.sandbox))
        session.refresh_from_db()
        session_log.ended(session)
        session.sandbox.refresh_from_db()
        events.session_changed(session.sandbox)
        webhooks.sandbox(session.sandbox, "failed" if failed else "stopped")
    return bool(changed)


def reason_of_disappearance(session: SandboxSession) -> str:
    """Why the processes of a session are gone though nobody asked for it."""
    handle = handle_of(session)
    if handle is not None and handle.boot_id != processes.boot_id():
        return SandboxSession.StopReason.HOST_RESTARTED
    soon = timezone.now() + timedelta(seconds=2)
    timed_out = session.expires_at is not None and session.expires_at <= soon
    return SandboxSession.StopReason.EXPIRED if timed_out else SandboxSession.StopReason.LOST


def extend(session_id: str) -> None:
    """Tell the agent the end that the row holds."""
    session = SandboxSession.objects.get(pk=session_id)
    handle = handle_of(session)
    if session.status == Status.RUNNING and handle and session.expires_at:
        left = (session.expires_at - timezone.now()).total_seconds()
        agent_of(handle).set_deadline(max(left, 1.0))


def apply_limits(session_id: str) -> None:
    """Let the limits of a running sandbox hold that its row has now."""
    session = SandboxSession.objects.select_related("sandbox").get(pk=session_id)
    if session.status == Status.RUNNING and (handle := handle_of(session)):
        engine_limits.update(handle.cgroup, limits.of(session.sandbox))


@dataclass(frozen=True)
class Allowance:
    """A running sandbox, or a drive that it writes to, as those see it who hold it to its limits.
    `drive_id` is empty for the sandbox itself."""

    handle: SandboxHandle
    limits: Limits
    directories: list[Path]
    sandbox_id: str
    owner_id: int
    drive_id: str = ""


def allowances(session_ids: Iterable[str]) -> dict[str, Allowance]:
    """What the running ones of these sessions may use, by session; and by "SESSION DRIVE" how
    large a drive may grow that one of them writes to."""
    rows = list(
        SandboxSession.objects.select_related("sandbox").filter(
            pk__in=session_ids, status=Status.RUNNING
        )
    )
    found = {}
    writes = drive_files.written_by(row for row in rows if row.sandbox.mounts)
    for session in rows:
        if handle := handle_of(session):
            state = directories.state_of(root_of(session.sandbox))
            allowed = limits.of(session.sandbox)
            whose = session.sandbox_id, session.sandbox.owner_id
            found[session.id] = Allowance(handle, allowed, state, *whose)
            for drive in writes.get(session.id, ()):
                most = replace(allowed, disk_bytes=drive.max_size_bytes)
                files = [drive_files.files_of(drive)]
                found[f"{session.id} {drive.pk}"] = Allowance(handle, most, files, *whose, drive.pk)
    return found


def stop_for_disk(session_id: str, cause: str) -> None:
    """End a session that goes on filling the disk although its commands were ended for `cause`."""
    session = SandboxSession.objects.select_related("sandbox").get(pk=session_id)
    changed = SandboxSession.objects.filter(pk=session_id, status=Status.RUNNING).update(
        status=Status.STOPPING, stop_reason=SandboxSession.StopReason(cause)
    )
    if changed:
        text = limits.exceeded(cause, session.sandbox)
        text += " It went on, so the sandbox was stopped."
        event_log.record(session.sandbox, SandboxEvent.Kind.LIMIT, text)
        stop(session_id)


def _started(engine: Engine, session: SandboxSession) -> SandboxHandle:
    sandbox = session.sandbox
    if sandbox.mounts and not engine.level.mounts:
        raise Refusal("Drives can be mounted at the isolation level full only.")
    spec = spec_of(session, engine.level)
    mounts = drive_files.attach(session, spec.root, first_id_of(sandbox.number), spec.uid)
    return engine.start(replace(spec, mounts=(*spec.mounts, *mounts)))
