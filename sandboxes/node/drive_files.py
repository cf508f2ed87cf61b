"""The files of drives as the worker of their node attaches, copies and removes them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.db.models import Q

from sandboxes.engine import EngineError
from sandboxes.engine.spec import Mount
from sandboxes.engine.trees.owning import move_owners
from sandboxes.engine.trees.process import CopyFailed, Pair, copy_trees
from sandboxes.engine.trees.removing import remove_tree
from sandboxes.host import reserve, shares
from sandboxes.models import Drive, SandboxSession
from sandboxes.news import events
from sandboxes.node import holds
from sandboxes.services import drives
from sandboxes.services.drives import SNAPSHOT
from vibe.streams.stream import EventStream

FILES = "files"
# Beside the sandbox's own directories: copies that it sees read-only.
COPIES = "mounts"


def files_of(drive: Drive) -> Path:
    return settings.DATA_DIR / "drives" / drive.pk / FILES


def attach(session: SandboxSession, root: Path, first: int | None, uid: int | None) -> tuple[
    Mount, ...
]:  # fmt: skip
    """Claim and prepare what the session mounts. `first` of the host ids that own the sandbox's
    files and `uid` of its user, both as root. Raises EngineError."""
    detach(root)
    found = []
    for number, (path, wanted) in enumerate(sorted(session.sandbox.mounts.items())):
        with holds.exclusive(wanted["id"]):
            drive = Drive.objects.filter(pk=wanted["id"], deleted_at=None).first()
            if drive is None:
                raise EngineError(
                    f"The drive {wanted['drive']} is gone.", "Change the sandbox's mounts."
                )
            read_only = wanted["mode"] == SNAPSHOT
            if read_only:
                source = root / COPIES / str(number)
                _copy(drive, source, first, uid)
            else:
                source = _claimed(drive, session, first, uid)
            found.append(Mount(source, path, read_only))
    return tuple(found)


def detach(root: Path) -> None:
    """Remove what the session that was had copied of drives."""
    remove_tree(root / COPIES)


def written_by(sessions: Iterable[SandboxSession]) -> dict[str, list[Drive]]:
    """By session: the drives that it may write to."""
    found: dict[str, list[Drive]] = {}
    for drive in Drive.objects.filter(session__in=[one.pk for one in sessions]):
        found.setdefault(drive.session_id or "", []).append(drive)
    return found


def copy(drive_id: str) -> None:
    """Fill a drive that is a copy; how that went is in its row."""
    drive = Drive.objects.select_related("parent").get(pk=drive_id)
    if drive.status != Drive.Status.COPYING or drive.parent is None:
        return
    status, error, size = Drive.Status.READY, "", 0
    with holds.exclusive(drive.parent.pk):
        try:
            remove_tree(files_of(drive))
            drive.id_base = drive.parent.id_base
            if files_of(drive.parent).exists():
                files_of(drive).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                pair = Pair(files_of(drive.parent), files_of(drive))
                size = copy_trees([pair], reserve=reserve.size()).size
        except (CopyFailed, OSError) as failure:
            status, error = Drive.Status.FAILED, f"It could not be copied: {failure}"
    Drive.objects.filter(pk=drive_id).update(
        status=status, error=error, id_base=drive.id_base, size_bytes=size
    )
    EventStream(events.drive_key(drive_id)).append(type="drive", status=str(status))


def remove(drive_id: str) -> None:
    """Give back the disk space of a deleted drive."""
    drive = Drive.objects.get(pk=drive_id)
    if drive.deleted_at is not None:
        with holds.exclusive(drive_id):
            remove_tree(files_of(drive).parent)


def sweep() -> None:
    """Remove the files of drives that are gone, and take up copies again that were cut off."""
    place = settings.DATA_DIR / "drives"
    names = [path.name for path in place.iterdir()] if place.is_dir() else []
    rows = dict(Drive.objects.filter(pk__in=names).values_list("pk", "deleted_at"))
    for name in names:
        if name not in rows:  # its owner is gone
            remove_tree(place / name)
        elif rows[name] is not None:
            remove(name)
    for drive in Drive.objects.filter(status=Drive.Status.COPYING):
        copy(drive.pk)


def _claimed(drive: Drive, session: SandboxSession, first: int | None, uid: int | None) -> Path:
    claimed = Drive.objects.filter(
        drives.FREE | Q(session=session), pk=drive.pk, deleted_at=None, status=Drive.Status.READY
    ).update(session=session)
    if not claimed:
        raise EngineError(
            f"The drive {drive.name} is attached to another sandbox.",
            f"Stop that one, or mount a {SNAPSHOT} of the drive.",
        )
    path = files_of(drive)
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.mkdir(mode=0o755)
        if uid is not None:
            os.chown(path, uid, uid)
    elif shift := shares.shift(drive.id_base, first):
        move_owners(path, shift)
    Drive.objects.filter(pk=drive.pk).update(id_base=first)
    return path


def _copy(drive: Drive, target: Path, first: int | None, uid: int | None) -> None:
    target.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    source = files_of(drive)
    try:
        if source.exists():
            copy_trees(
                [Pair(source, target)],
                shift=shares.shift(drive.id_base, first),
                reserve=reserve.size(),
            )
        else:
            target.mkdir(mode=0o755)
            if uid is not None:
                os.chown(target, uid, uid)
    except CopyFailed as failure:
        raise EngineError(f"The drive {drive.name} could not be copied: {failure}") from failure
