"""The files of snapshots as the worker of their node makes, puts back and removes them."""

from __future__ import annotations

import logging
import os
import secrets
from pathlib import Path

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from sandboxes.engine import EngineError, directories
from sandboxes.engine.trees.exchanging import exchange_directories
from sandboxes.engine.trees.process import CopyFailed, Pair, Progress, copy_trees
from sandboxes.engine.trees.removing import remove_tree
from sandboxes.engine.versions import process
from sandboxes.engine.versions.process import VersionFailed
from sandboxes.host import reserve, shares, versions
from sandboxes.models import Checkpoint, Sandbox, SandboxEvent, SandboxSession, Snapshot
from sandboxes.news import event_log, events
from sandboxes.node import holds, sessions, snapshot_records
from sandboxes.node.stillness import still
from vibe.refusal import Refusal

logger = logging.getLogger(__name__)

# A worker that dies over a snapshot again and again must not do so for ever.
MAX_ATTEMPTS = 3
# Somebody waits for a restore, and a sandbox stands still for a snapshot, but nobody is to notice.
NICE = 5
MAKING, REMOVING, RESTORING = ".making-", ".removing-", ".restoring-"

_ADVICE = {
    "no_space": "Delete snapshots or sandboxes that nobody needs, then try again.",
    "invalid": "Remove what is nested so deeply, then try again.",
}


def directory_of(snapshot_id: str) -> Path:
    return settings.DATA_DIR / "snapshots" / snapshot_id


def make(snapshot_id: str) -> None:
    """Make a requested snapshot, once; how that went is in its row and the event log."""
    snapshot = Snapshot.objects.get(pk=snapshot_id)
    with holds.exclusive(snapshot.sandbox_id or snapshot_id):
        make_held(snapshot_id)


def make_held(snapshot_id: str) -> None:
    """The same, for who holds the sandbox."""
    creating = Snapshot.objects.filter(pk=snapshot_id, status=Snapshot.Status.CREATING)
    creating.update(attempts=F("attempts") + 1)
    snapshot = creating.select_related("sandbox", "session").first()
    if snapshot is None:
        return
    try:
        if snapshot.attempts > MAX_ATTEMPTS:
            raise CopyFailed("error", "The sandbox worker ended each time while it was made.")
        if snapshot.sandbox is None or snapshot.session is None:
            raise CopyFailed("error", "Its sandbox is gone.")
        made = _made(snapshot, snapshot.sandbox, snapshot.session)
    except CopyFailed as failure:
        if failure.code != "cancelled":
            snapshot_records.failed(snapshot, f"{failure} {_ADVICE.get(failure.code, '')}".strip())
    except (EngineError, Refusal, VersionFailed, OSError) as error:
        snapshot_records.failed(snapshot, str(error))
    else:
        if not snapshot_records.made(snapshot, made):
            discard(directory_of(snapshot.id))
    finally:
        remove_tree(directory_of(MAKING + snapshot_id))


def bring(session: SandboxSession) -> None:
    """Give the sandbox, which the caller holds, the files of its session's snapshot.

    Safe to repeat after a crash: the old files are there until the new ones take their place at
    once. Raises Refusal.
    """
    snapshot, sandbox = session.source_snapshot, session.sandbox
    assert snapshot is not None
    root = shares.root_of(sandbox)
    fresh = root.with_name(RESTORING + sandbox.id)
    with holds.shared(snapshot.id):
        snapshot.refresh_from_db()
        if snapshot.status != Snapshot.Status.CREATED:
            why = snapshot.error or f"It is {snapshot.get_status_display()}."
            raise Refusal(f"The snapshot {snapshot} has no files. {why}", "Choose another.")
        try:
            remove_tree(fresh)
            fresh.mkdir(mode=0o700, parents=True)
            shift = shares.shift(snapshot.id_base, shares.first_id_of(sandbox.number))
            copy_trees(
                _pairs(directory_of(snapshot.id), fresh), shift=shift, reserve=reserve.size()
            )
            _take_place(fresh, root)
        except CopyFailed as failure:
            raise Refusal(
                f"The files of the snapshot {snapshot} could not be copied: {failure}",
                _ADVICE.get(failure.code, "Try again."),
                "unavailable",
            ) from failure
        finally:
            remove_tree(fresh)
    now = timezone.now()
    Snapshot.objects.filter(pk=snapshot.pk).update(last_used_at=now)
    Sandbox.objects.filter(pk=sandbox.pk).update(current_snapshot=_lineage(snapshot))
    event_log.record(
        sandbox,
        SandboxEvent.Kind.SNAPSHOT,
        f"Its files are those of the snapshot {snapshot}.",
        snapshot=snapshot.id,
    )


def remove(snapshot_id: str) -> None:
    """Give back the disk space of a deleted snapshot."""
    if Snapshot.objects.filter(pk=snapshot_id, status=Snapshot.Status.DELETED).exists():
        with holds.exclusive(snapshot_id):
            discard(directory_of(snapshot_id))


def discard(path: Path) -> None:
    """Remove a directory of state: at once under its name, then piece by piece."""
    going = path.with_name(f"{REMOVING}{path.name}-{secrets.token_hex(4)}")
    try:
        path.rename(going)
    except FileNotFoundError:
        return
    remove_tree(going)


def _made(snapshot: Snapshot, sandbox: Sandbox, session: SandboxSession) -> Progress:
    making, final = directory_of(MAKING + snapshot.id), directory_of(snapshot.id)
    for leftover in (making, final):
        remove_tree(leftover)
    making.mkdir(mode=0o700, parents=True)
    if snapshot.ends_session:
        sessions.stop(session.id)
    base = shares.first_id_of(sandbox.number)
    # Now, not when it was asked for: the one before may have been made in between.
    now = Sandbox.objects.values_list("current_snapshot_id", flat=True)
    # What comes of somebody else's sandbox has no past there.
    parent = now.get(pk=sandbox.pk) if snapshot.owner_id == sandbox.owner_id else None
    Snapshot.objects.filter(pk=snapshot.pk).update(id_base=base, parent_id=parent)
    if snapshot.checkpoint is not None:
        made = _exported(snapshot.checkpoint, making, snapshot.without)
    else:
        with still(sandbox):
            made = copy_trees(
                _pairs(shares.root_of(sandbox), making),
                reserve=reserve.size(),
                durable=True,
                nice=NICE,
                wanted=lambda now: _wanted(snapshot, now),
            )
    making.rename(final)
    return made


def _exported(checkpoint: Checkpoint, making: Path, without: list[str]) -> Progress:
    """The files of a version, owned as the sandbox's user would own them."""
    sandbox = checkpoint.sandbox
    workspace = making / directories.WORKSPACE
    workspace.mkdir(mode=0o700)
    owner, _ = shares.ids_of(sandbox.number)
    if owner is not None:
        os.chown(workspace, owner, owner)
    place = versions.place_of(sandbox)
    staging = making / versions.STAGING
    told = process.export(place, checkpoint.commit, workspace, staging, without)
    return Progress(told["files"], told["size"])


def _pairs(source: Path, target: Path) -> list[Pair]:
    return [
        Pair(path, target / path.name, layers=path.name == directories.SYSTEM)
        for path in directories.state_of(source)
    ]


def _wanted(snapshot: Snapshot, progress: Progress) -> bool:
    """Tell how far it is; False when it was deleted meanwhile."""
    changed = Snapshot.objects.filter(pk=snapshot.pk, status=Snapshot.Status.CREATING).update(
        size_bytes=progress.size, file_count=progress.entries
    )
    if changed and progress.entries:
        events.snapshot_changed(snapshot)
    return bool(changed)


def _lineage(snapshot: Snapshot) -> Snapshot | None:
    """What counts as the origin: of a copy's means, which will be gone, what that came from."""
    return snapshot.parent if snapshot.method == Snapshot.Method.FORK else snapshot


def _take_place(fresh: Path, root: Path) -> None:
    """Let `fresh` be `root` from one moment to the next; the old root is then at `fresh`."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = root.with_name(f"{REMOVING}{root.name}-{secrets.token_hex(4)}")
    exchange_directories(fresh, root, aside=aside)
