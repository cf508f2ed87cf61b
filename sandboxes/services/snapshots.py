"""Asking for snapshots, finding them, putting them back and giving them up."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
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
        quotas.check_reserve()
        if method == Snapshot.Method.MANUAL:
            quotas.check_snapshots(sandbox.owner_id)
        if method != Snapshot.Method.FORK:  # those go by themselves
            _make_room(sandbox.owner_id, sandbox.disk_bytes)
            quotas.check_disk(sandbox.owner_id, sandbox.disk_bytes)
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


def delete_all_of(sandbox: Sandbox, *, automatic: bool = False) -> None:
    """Delete every snapshot that was made of the sandbox and that no other one came from; with
    `automatic`, of those that were made by themselves."""
    found = Snapshot.objects.filter(sandbox=sandbox, status__in=Snapshot.KEPT)
    if automatic:
        found = found.filter(method=Snapshot.Method.STOP)
    for snapshot in found:
        used = Sandbox.objects.filter(current_snapshot=snapshot, deleted_at=None)
        if not used.exclude(pk=sandbox.pk).exists():
            delete(snapshot)


def change(
    snapshot: Snapshot, *, name: str | None = None, expiration: int | None = None
) -> Snapshot:
    """Rename it, or let it live `expiration` seconds from now (0: for good). One that was made
    by itself is from then on as if somebody had asked for it. Raises Refusal."""
    if name is not None:
        snapshot.name = checked_name(name)
    if expiration is not None:
        check_expiration(expiration)
        later = timezone.now() + timedelta(seconds=expiration)
        snapshot.expires_at = later if expiration else None
    with transaction.atomic():
        if snapshot.method == Snapshot.Method.STOP:
            keep(snapshot)
        snapshot.save(update_fields=["name", "expires_at", "updated_at"])
    return snapshot


def keep(snapshot: Snapshot) -> None:
    """Let a snapshot that was made by itself count as asked for: neither their number nor the end
    of its sandbox takes it away. Raises Refusal."""
    with transaction.atomic():
        quotas.take_turn(snapshot.owner_id)
        quotas.check_snapshots(snapshot.owner_id)
        snapshot.method = Snapshot.Method.MANUAL
        snapshot.save(update_fields=["method", "updated_at"])


def keep_all_of(sandbox: Sandbox) -> None:
    """The same for all of the sandbox's, or none."""
    made = Snapshot.objects.filter(sandbox=sandbox, status__in=Snapshot.KEPT)
    with transaction.atomic():
        for snapshot in made.filter(method=Snapshot.Method.STOP):
            keep(snapshot)


def get_for(user: User, snapshot_id: str) -> Snapshot:
    """The user's snapshot, deleted or not. Raises Refusal, code not_found."""
    found = list_for(user).filter(pk=snapshot_id).first()
    if found is None:
        raise not_found()
    return found


def list_for(user: User) -> QuerySet[Snapshot]:
    """All snapshots of the user, newest first; deleted ones too, which have no files. A means to
    take over files of somebody else's sandbox tells of that one, and goes by itself."""
    foreign = Q(method=Snapshot.Method.FORK) & ~Q(sandbox__owner=user)
    found = Snapshot.objects.filter(owner=user).exclude(foreign)
    return found.select_related("sandbox__owner", "parent")


def kept_of(sandbox: Sandbox) -> QuerySet[Snapshot]:
    """The sandbox's snapshots that are there or on their way, newest first."""
    shown = Q(status__in=Snapshot.KEPT) | Q(status=Snapshot.Status.FAILED)
    found = Snapshot.objects.filter(shown, sandbox=sandbox)
    return found.exclude(method=Snapshot.Method.FORK).select_related("parent")


def job_of(snapshot: Snapshot) -> str:
    return f"make-{snapshot.id}"


def expiration_of(sandbox: Sandbox) -> int:
    """Seconds that the sandbox's snapshots are kept by default; 0: for good."""
    own = sandbox.snapshot_expiration
    return settings.SNAPSHOT_EXPIRATION if own is None else own


def _make_room(owner_id: int, size: int) -> None:
    """Give up snapshots that were made by themselves, the oldest first, until there is space for
    `size` bytes. What a sandbox was last saved as, or starts with next, stays."""
    last = Sandbox.objects.filter(deleted_at=None).filter(
        Q(current_snapshot=OuterRef("pk")) | Q(next_snapshot=OuterRef("pk"))
    )
    spare = Snapshot.objects.filter(
        ~Exists(last), owner=owner_id, method=Snapshot.Method.STOP, status=Snapshot.Status.CREATED
    )
    for snapshot in spare.order_by("created_at", "pk"):
        left = quotas.disk_left(quotas.use_of(owner_id))
        if left is None or 0 < left >= size:
            return
        delete(snapshot, why="its space was needed for another one")


def _expiry(sandbox: Sandbox, seconds: int | None) -> datetime | None:
    seconds = expiration_of(sandbox) if seconds is None else seconds
    check_expiration(seconds)
    return timezone.now() + timedelta(seconds=seconds) if seconds else None
