"""Creating, starting, stopping, extending and finding sandboxes, for views, tools and programs."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import QuerySet
from django.utils import timezone

from sandboxes.models import Sandbox, SandboxSession, Snapshot
from sandboxes.services import (
    announcements,
    drives,
    environment,
    event_log,
    events,
    isolation,
    network,
    warm,
)
from sandboxes.services import limits as allowances
from sandboxes.services.errors import SandboxError
from sandboxes.services.snapshot_checks import check_usable
from vibe.accounts.models import User
from vibe.jobs.queue import enqueue
from vibe.streams.stream import EventStream

NAME = re.compile(r"[a-zA-Z0-9_-][a-zA-Z0-9 ._-]{0,127}")
MIN_TIMEOUT = 1
MAX_PORTS = 16
# A session of these need not be started.
STARTED = (SandboxSession.Status.PENDING, SandboxSession.Status.RUNNING)
LIFECYCLE = "lifecycle"
START_JOB = "sandboxes.jobs.start_session"
STOP_JOB = "sandboxes.jobs.stop_session"
EXTEND_JOB = "sandboxes.jobs.extend_session"
LIMIT_JOB = "sandboxes.jobs.limit_session"

_ADJECTIVES = ("amber", "brisk", "calm", "clear", "coral", "crisp", "dawn", "fern", "fine", "mild")
_NOUNS = ("brook", "cedar", "cove", "field", "grove", "harbor", "lake", "maple", "meadow", "reef")


def create_sandbox(
    owner: User,
    *,
    name: str = "",
    ports: Iterable[int] = (),
    env: dict[str, str] | None = None,
    timeout: int | None = None,
    limits: Mapping[str, float | None] | None = None,
    snapshot: Snapshot | None = None,
    idle_timeout: int | None = None,
    network_policy: Any = None,
    mounts: Mapping[str, tuple[str, str]] | None = None,
    start: bool = True,
) -> Sandbox:
    """Create a sandbox and ask for its first session, which begins with the files of `snapshot`.

    Raises SandboxError. `idle_timeout` in seconds, 0 for none, None for the platform's.

    `limits` by the names of services.limits; None, or a name left out, is the default.
    `network_policy` in any form that services.network takes; None is the platform's default.
    `mounts`: {path: (drive, mode)} as services.drives takes them.
    """
    name = name.strip()
    if name:
        _check_name(name)
    ports = checked_ports(ports)
    env = environment.checked(env or {})
    seconds = checked_timeout(timeout if timeout is not None else settings.SANDBOX_TIMEOUT)
    wishes = allowances.checked(limits or {})
    policy = {} if network_policy is None else network.checked(network_policy)
    if snapshot is not None:
        check_usable(snapshot, owner)
    if start:
        isolation.engine()
        _check_quota(owner)
    for _ in range(8):
        try:
            with transaction.atomic():
                sandbox = Sandbox.objects.create(
                    owner=owner,
                    name=name or _made_up_name(),
                    number=warm.newest_number() + 1,
                    ports=ports,
                    env=env,
                    timeout=seconds,
                    limits=wishes,
                    network_policy=policy,
                    current_snapshot=snapshot,
                    next_snapshot=snapshot,
                    idle_timeout=idle_timeout,
                    status=Sandbox.Status.STOPPED,
                )
                if mounts:
                    drives.mount(sandbox, mounts)
                if start:
                    _request_session(sandbox)
            announcements.sandbox(sandbox, "created")
            return sandbox
        except IntegrityError:
            # Another sandbox took the number, or the made-up name: try the next.
            if name and Sandbox.objects.filter(owner=owner, name=name, deleted_at=None).exists():
                raise SandboxError(
                    f"You have a sandbox named {name!r} already.",
                    "Choose another name, or delete that one.",
                    code="conflict",
                ) from None
    raise SandboxError("The sandbox could not be numbered.", "Try again.", code="conflict")


def resume(sandbox: Sandbox, *, snapshot: Snapshot | None = None) -> SandboxSession:
    """Start a new session of a stopped sandbox; of a running one, return the session.

    One that is being stopped, or of which a snapshot is being made, starts as soon as that is
    done. With a `snapshot`, the new session begins with its files.
    """
    isolation.engine()
    with transaction.atomic():
        current = Sandbox.objects.select_for_update(of=("self",)).get(pk=sandbox.pk)
        if current.deleted_at:
            raise not_found()
        session = current.session
        if session is None or session.status not in STARTED:
            _check_quota(current.owner, but=current)
            drives.check_mountable(current)
            if snapshot is not None:
                current.next_snapshot = snapshot
            session = _request_session(current)
    sandbox.refresh_from_db()
    events.session_changed(sandbox)
    return session


def stop(sandbox: Sandbox, *, reason: str = "user", by: User | None = None) -> None:
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
            event_log.record(sandbox, LIFECYCLE, f"{by} asked for its end.")


def extend(sandbox: Sandbox, seconds: int, *, whole: bool = False) -> datetime:
    """Let the running session live `seconds` longer; returns its new end.

    Where the longest life is nearer than that, it is given up to there, or with `whole` refused.
    """
    session = running_session(sandbox)
    assert session.expires_at is not None and session.started_at is not None
    if seconds <= 0:
        raise SandboxError("A sandbox can only be extended by a positive number of seconds.")
    latest = session.started_at + timedelta(seconds=settings.SANDBOX_TIMEOUT_MAX)
    expires_at = min(session.expires_at + timedelta(seconds=seconds), latest)
    if expires_at <= session.expires_at or (
        whole and expires_at < session.expires_at + timedelta(seconds=seconds)
    ):
        raise SandboxError(
            "This sandbox has reached the longest time that one session may live.",
            "Stop it and start it again: its files stay.",
            code="limit",
        )
    SandboxSession.objects.filter(pk=session.pk).update(expires_at=expires_at)
    enqueue(queue_of(session), EXTEND_JOB, session.id)
    sandbox.refresh_from_db()
    event_log.record(sandbox, LIFECYCLE, f"Extended by {seconds} seconds.", seconds=seconds)
    events.session_changed(sandbox)
    return expires_at


def set_limits(sandbox: Sandbox, wanted: Mapping[str, float | None]) -> None:
    """Change some limits; None gives a default back. Memory, processes, processors, disk and
    output of a running sandbox change at once, the rest at its next start."""
    wishes = allowances.checked(wanted)
    kept = {name: value for name, value in sandbox.limits.items() if name not in wanted}
    Sandbox.objects.filter(pk=sandbox.pk).update(limits={**kept, **wishes})
    sandbox.refresh_from_db()
    if sandbox.session and sandbox.session.status == SandboxSession.Status.RUNNING:
        enqueue(queue_of(sandbox.session), LIMIT_JOB, sandbox.session.id)


def rename(sandbox: Sandbox, name: str) -> None:
    _check_name(name)
    try:
        with transaction.atomic():
            Sandbox.objects.filter(pk=sandbox.pk).update(name=name)
    except IntegrityError:
        raise SandboxError(
            f"You have a sandbox named {name!r} already.", "Choose another name.", code="conflict"
        ) from None
    sandbox.name = name
    events.session_changed(sandbox)


def set_times(
    sandbox: Sandbox, *, timeout: int | None = None, idle_timeout: int | None = None
) -> None:
    """Set how long sessions live, from the next one on, and after what time without activity
    the sandbox stops (0: never). None changes nothing. Raises SandboxError."""
    if timeout is not None:
        sandbox.timeout = checked_timeout(timeout)
    if idle_timeout is not None:
        sandbox.idle_timeout = idle_timeout
    sandbox.save(update_fields=["timeout", "idle_timeout", "updated_at"])


def delete(sandbox: Sandbox) -> None:
    """Stop it and hide it; its files go when the session has ended."""
    stop(sandbox, reason=SandboxSession.StopReason.DELETED)
    Sandbox.objects.filter(pk=sandbox.pk, deleted_at=None).update(deleted_at=timezone.now())
    sandbox.refresh_from_db()
    events.session_changed(sandbox)
    announcements.sandbox(sandbox, "deleted")
    enqueue(settings.SANDBOX_QUEUE, "sandboxes.jobs.remove_files", sandbox.id)


def wait_while_starting(sandbox: Sandbox, timeout: float) -> Sandbox:
    """Return the refreshed sandbox once it starts no longer, or as it is after `timeout` s."""
    stream = EventStream(events.sandbox_key(sandbox.id))
    deadline = time.monotonic() + timeout
    seen = stream.last()
    while True:
        sandbox.refresh_from_db()
        left = deadline - time.monotonic()
        if sandbox.status != Sandbox.Status.PENDING or left <= 0:
            return sandbox
        seen = stream.wait(seen, min(left, 2.0))


def wait_until_running(sandbox: Sandbox, timeout: float = 30.0) -> Sandbox:
    """Return the refreshed sandbox once it runs. Raises SandboxError when it failed or stopped."""
    sandbox = wait_while_starting(sandbox, timeout)
    match sandbox.status:
        case Sandbox.Status.RUNNING:
            return sandbox
        case Sandbox.Status.FAILED:
            error = sandbox.session.error if sandbox.session else ""
            raise SandboxError(
                f"The sandbox could not start. {error}".strip(), "Try again.", "unavailable"
            )
        case Sandbox.Status.STOPPED:
            raise not_running(sandbox)
    raise SandboxError(
        f"The sandbox did not start within {timeout:.0f} s.",
        "Look whether the sandbox worker runs: python3 manage.py doctor",
        code="timeout",
    )


def get_for(user: User, id_or_name: str) -> Sandbox:
    """The user's sandbox by id or name. Raises SandboxError, code not_found."""
    found = list_for(user).filter(models.Q(pk=id_or_name) | models.Q(name=id_or_name)).first()
    if found is None:
        raise not_found()
    return found


def list_for(user: User) -> QuerySet[Sandbox]:
    return Sandbox.objects.filter(owner=user, deleted_at=None).select_related("session")


def running_session(sandbox: Sandbox) -> SandboxSession:
    """The session that runs now. Raises SandboxError, code not_running."""
    session = SandboxSession.objects.filter(
        pk=sandbox.session_id, status=SandboxSession.Status.RUNNING
    ).first()
    if session is None:
        raise not_running(sandbox)
    return session


def queue_of(session: SandboxSession) -> str:
    return f"sandboxes:{session.node}"


def not_found() -> SandboxError:
    return SandboxError(
        "There is no such sandbox.", "List yours to see what there is.", "not_found"
    )


def not_running(sandbox: Sandbox) -> SandboxError:
    why = sandbox.session.get_stop_reason_display() if sandbox.session else "it was never started"
    return SandboxError(
        f"The sandbox {sandbox.name} is not running: {why}.",
        "Resume it; its files are all there.",
        code="not_running",
    )


def _request_session(sandbox: Sandbox) -> SandboxSession:
    session = SandboxSession.objects.create(
        sandbox=sandbox, node=settings.NODE_NAME, source_snapshot=sandbox.next_snapshot
    )
    sandbox.session = session
    sandbox.next_snapshot = None
    sandbox.status = Sandbox.Status.PENDING
    sandbox.save(update_fields=["session", "next_snapshot", "status", "updated_at"])
    enqueue(queue_of(session), START_JOB, session.id, job_id=f"start-{session.id}")
    return session


def _check_quota(owner: User, but: Sandbox | None = None) -> None:
    live = SandboxSession.objects.filter(sandbox__owner=owner, status__in=SandboxSession.LIVE)
    running = live.exclude(sandbox=but).count()
    if running >= settings.SANDBOXES_PER_USER:
        raise SandboxError(
            f"You have {running} sandboxes running, which is the limit.",
            "Stop one that you do not need.",
            code="limit",
        )


def _made_up_name() -> str:
    words = secrets.choice(_ADJECTIVES), secrets.choice(_NOUNS)
    return f"{'-'.join(words)}-{secrets.randbelow(900) + 100}"


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise SandboxError(
            f"{name!r} cannot be a sandbox's name.",
            "Use up to 128 letters, digits, spaces, dots, dashes and underscores.",
        )


def checked_ports(ports: Iterable[int]) -> list[int]:
    """The ports in order, when previews can show them. Raises SandboxError."""
    found = sorted(set(ports))
    if len(found) > MAX_PORTS:
        raise SandboxError(f"A sandbox may declare {MAX_PORTS} ports.", code="limit")
    for port in found:
        if not 1024 <= port <= 65535 or port == 3128:
            raise SandboxError(
                f"Port {port} cannot be used.", "Choose ports from 1024 to 65535, not 3128."
            )
    return found


def checked_timeout(seconds: int) -> int:
    """The seconds, when a session may live so long. Raises SandboxError."""
    if not MIN_TIMEOUT <= seconds <= settings.SANDBOX_TIMEOUT_MAX:
        raise SandboxError(
            f"A sandbox cannot live {seconds} seconds.",
            f"Choose {MIN_TIMEOUT} to {settings.SANDBOX_TIMEOUT_MAX} seconds.",
        )
    return seconds
