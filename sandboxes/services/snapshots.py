"""Asking for snapshots, finding them, putting them back and giving them up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from sandboxes.models import Sandbox, SandboxEvent, SandboxSession, Snapshot
from sandboxes.news import event_log, events
from sandboxes.services import lifecycle, quotas
from sandboxes.services.queues import queue_of
from sandboxes.services.snapshot_checks import (
    check_expiration,
    check_usable,
    checked_name,
    not_found,
)
from vibe.accounts.models import User
from vibe.jobs.queue import enqueue
from vibe.refusal import Refusal

MAKE_JOB = "sandboxes.jobs.make_snapshot"
REMOVE_JOB = "sandboxes.jobs.remove_snapshot"


def create(
    sandbox: Sandbox,
    *,
    name: str = "",
    expiration: int | None = None,
    ends_session: bool = False,
    method: str = Snapshot.Method.MANUAL,
    by: User | None = None,
) -> Snapshot:
    """Ask for a snapshot of the sandbox's files, installed packages included.

    A running sandbox stands still while its files are copied and then goes on; with
    `ends_session` it stops instead. `expiration` in seconds, 0 for good, None for the sandbox's
    own. Returns the snapshot at once, status "creating". Raises Refusal.
    """
    if sandbox.session is None:
        raise Refusal(
            f"The sandbox {sandbox.name} was never started, so there is nothing to save.",
            "Start it first.",
        )
    name = checked_name(name)
    sandbox.refresh_from_db()
    now = timezone.now()
    with transaction.atomic():
        quotas.take_turn(sandbox.owner_id)
        if method != Snapshot.Method.FORK:  # those go by themselves
            quotas.check_snapshot(sandbox.owner_id, sandbox.disk_bytes)
        else:
            quotas.check_reserve()
        snapshot = Snapshot.objects.create(
            owner=sandbox.owner,
            name=name,
            sandbox=sandbox,
            session=sandbox.session,
            parent_id=sandbox.current_snapshot_id,
            node=sandbox.session.node,
            method=method,
            ends_session=ends_session,
            created_at=now,
            expires_at=_expiry(sandbox, expiration),
        )
        if ends_session:
            lifecycle.stop(sandbox, reason=SandboxSession.StopReason.SNAPSHOT, by=by)
        enqueue(queue_of(snapshot), MAKE_JOB, snapshot.id, job_id=job_of(snapshot))
    events.snapshot_changed(snapshot)
    return snapshot


def restore(sandbox: Sandbox, snapshot: Snapshot, *, by: User | None = None) -> SandboxSession:
    """Put the snapshot's files in the place of the sandbox's and start it with them.

    What runs in it is ended, and files that no snapshot holds are lost. Raises Refusal.
    """
    check_usable(snapshot, sandbox.owner)
    with transaction.atomic():
        quotas.take_turn(sandbox.owner_id)
        lifecycle.stop(sandbox, reason=SandboxSession.StopReason.RESTORED, by=by)
        session = lifecycle.resume(sandbox, snapshot=snapshot)
    event_log.record(
        sandbox, SandboxEvent.Kind.SNAPSHOT, f"Asked to go back to the snapshot {snapshot}."
    )
    return session


def choose(sandbox: Sandbox, snapshot: Snapshot) -> None:
    """Let the sandbox's next session start from the snapshot; the running one goes on."""
    check_usable(snapshot, sandbox.owner)
    Sandbox.objects.filter(pk=sandbox.pk).update(
        current_snapshot=snapshot, next_snapshot=snapshot, updated_at=timezone.now()
    )
    sandbox.refresh_from_db()


def delete(snapshot: Snapshot, *, why: str = "") -> None:
    """Give it up, also while it is being made; its files go in the background."""
    now = timezone.now()
    changed = (
        Snapshot.objects.filter(pk=snapshot.pk)
        .exclude(status=Snapshot.Status.DELETED)
        .update(status=Snapshot.Status.DELETED, deleted_at=now, updated_at=now)
    )
    snapshot.refresh_from_db()
    if not changed:
        return
    enqueue(queue_of(snapshot), REMOVE_JOB, snapshot.id)
    events.snapshot_changed(snapshot)
    if snapshot.sandbox and snapshot.method != Snapshot.Method.FORK:
        text = f"The snapshot {snapshot} was deleted{f': {why}' if why else ''}."
        event_log.record(snapshot.sandbox, SandboxEvent.Kind.SNAPSHOT, text, snapshot=snapshot.id)


def delete_all_of(sandbox: Sandbox) -> None:
    """Delete every snapshot that was made of the sandbox and that no other one came from."""
    for snapshot in Snapshot.objects.filter(sandbox=sandbox, status__in=Snapshot.KEPT):
        used = Sandbox.objects.filter(current_snapshot=snapshot, deleted_at=None)
        if not used.exclude(pk=sandbox.pk).exists():
            delete(snapshot)


def change(
    snapshot: Snapshot, *, name: str | None = None, expiration: int | None = None
) -> Snapshot:
    """Rename it, or let it live `expiration` seconds from now (0: for good)."""
    if name is not None:
        snapshot.name = checked_name(name)
    if expiration is not None:
        check_expiration(expiration)
        later = timezone.now() + timedelta(seconds=expiration)
        snapshot.expires_at = later if expiration else None
    snapshot.save(update_fields=["name", "expires_at", "updated_at"])
    return snapshot


def get_for(user: User, snapshot_id: str) -> Snapshot:
    """The user's snapshot, deleted or not. Raises Refusal, code not_found."""
    found = list_for(user).filter(pk=snapshot_id).first()
    if found is None:
        raise not_found()
    return found


def list_for(user: User) -> QuerySet[Snapshot]:
    """All snapshots of the user, newest first; deleted ones too, which have no files."""
    return Snapshot.objects.filter(owner=user).select_related("sandbox__owner", "parent")


def kept_of(sandbox: Sandbox) -> QuerySet[Snapshot]:
    """The sandbox's snapshots that are there or on their way, newest first."""
    shown = Q(status__in=Snapshot.KEPT) | Q(status=Snapshot.Status.FAILED)
    found = Snapshot.objects.filter(shown, sandbox=sandbox)
    return found.exclude(method=Snapshot.Method.FORK).select_related("parent")


def newest_of(sandbox: Sandbox) -> Snapshot | None:
    """What the sandbox was last saved as or taken from: one that is being made for the end of its
    last session, else its current snapshot, deleted or not."""
    ending = Snapshot.objects.filter(
        sandbox=sandbox,
        session=sandbox.session_id,
        ends_session=True,
        status=Snapshot.Status.CREATING,
    )
    return ending.order_by("-created_at").first() or sandbox.current_snapshot


def has_all(sandbox: Sandbox, snapshot: Snapshot) -> bool:
    """Whether the snapshot was made at the end of the sandbox's last session, so that the
    sandbox has no other files."""
    return snapshot.ends_session and snapshot.session_id == sandbox.session_id


def ancestors(snapshot: Snapshot, limit: int) -> list[Snapshot]:
    """What it came from, the nearest first."""
    found: list[Snapshot] = []
    seen = {snapshot.pk}
    while snapshot.parent_id and snapshot.parent_id not in seen and len(found) < limit:
        parent = Snapshot.objects.select_related("sandbox").get(pk=snapshot.parent_id)
        seen.add(parent.pk)
        found.append(parent)
        snapshot = parent
    return found


def descendants(snapshot: Snapshot, limit: int) -> list[Snapshot]:
    """What came from it, level by level, oldest first."""
    found: list[Snapshot] = []
    level: Iterable[Snapshot] = [snapshot]
    while len(found) < limit:
        below = Snapshot.objects.filter(parent__in=list(level)).exclude(pk=snapshot.pk)
        level = list(below.select_related("sandbox").order_by("created_at", "pk")[:limit])
        if not level:
            break
        found += level
    return found[:limit]


def siblings(snapshot: Snapshot) -> QuerySet[Snapshot]:
    """The others that came from the same parent, newest first; none for one without."""
    if snapshot.parent_id is None:
        return Snapshot.objects.none()
    return Snapshot.objects.filter(parent=snapshot.parent_id).exclude(pk=snapshot.pk)


def job_of(snapshot: Snapshot) -> str:
    return f"make-{snapshot.id}"


def expiration_of(sandbox: Sandbox) -> int:
    """Seconds that the sandbox's snapshots are kept by default; 0: for good."""
    own = sandbox.snapshot_expiration
    return settings.SNAPSHOT_EXPIRATION if own is None else own


def _expiry(sandbox: Sandbox, seconds: int | None) -> datetime | None:
    seconds = expiration_of(sandbox) if seconds is None else seconds
    check_expiration(seconds)
    return timezone.now() + timedelta(seconds=seconds) if seconds else None
