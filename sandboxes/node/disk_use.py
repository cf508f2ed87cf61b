"""What sandboxes and drives take on the disk, written down as it is counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from sandboxes.engine import directories, disk
from sandboxes.host import shares
from sandboxes.models import Drive, Sandbox, SandboxSession
from sandboxes.node import drive_files
from sandboxes.services import quotas

# How many one round of the periodic job counts of each kind: the next one goes on.
ROUND = 200
ALL = 1 << 50


def record(sandboxes: Mapping[str, int], drives: Mapping[str, int], began: datetime) -> None:
    """Write down what was counted of those that run, by their ids, in a count begun at `began`.

    What `Writing` wrote meanwhile is in the row, and perhaps in the count: the next one tells.
    """
    for sandbox_id, size in sandboxes.items():
        row = Sandbox.objects.filter(pk=sandbox_id).exclude(written_until__gte=began)
        row.exclude(disk_bytes=size).update(disk_bytes=size)
    for drive_id, size in drives.items():
        Drive.objects.filter(pk=drive_id).exclude(size_bytes=size).update(size_bytes=size)


def crowded(owner_ids: Iterable[int]) -> set[int]:
    """Those of the owners who have more on the disk than they may."""
    found = set()
    for owner_id in owner_ids:
        left = quotas.disk_left(quotas.use_of(owner_id))
        if left is not None and left < 0:
            found.add(owner_id)
    return found


def count_changed(sandbox_id: str = "") -> None:
    """Count the files of this node that have changed and that nothing writes to now: of one
    sandbox, or of all and of drives. Raises EngineError."""
    waiting = (
        Sandbox.objects.filter(Q(session=None) | Q(session__node=settings.NODE_NAME))
        .filter(deleted_at=None, disk_counted_at=None)
        .exclude(session__status__in=SandboxSession.LIVE)
    )
    if sandbox_id:
        _count_sandboxes(waiting.filter(pk=sandbox_id))
        return
    _count_sandboxes(waiting.order_by("updated_at")[:ROUND])
    drives = Drive.objects.filter(deleted_at=None, counted_at=None, status=Drive.Status.READY)
    _count_drives(drives.exclude(session__status__in=SandboxSession.LIVE)[:ROUND])


def _count_sandboxes(waiting: Iterable[Sandbox]) -> None:
    now = timezone.now()
    rows = list(waiting)
    # What is written from now on has them counted once more.
    Sandbox.objects.filter(pk__in=[row.pk for row in rows]).update(disk_counted_at=now)
    sizes = _sizes([directories.state_of(shares.root_of(row)) for row in rows])
    for row, size in zip(rows, sizes, strict=True):
        Sandbox.objects.filter(pk=row.pk, disk_counted_at=now).update(disk_bytes=size)


def _count_drives(waiting: Iterable[Drive]) -> None:
    now = timezone.now()
    rows = list(waiting)
    Drive.objects.filter(pk__in=[row.pk for row in rows]).update(counted_at=now)
    sizes = _sizes([[drive_files.files_of(row)] for row in rows])
    for row, size in zip(rows, sizes, strict=True):
        Drive.objects.filter(pk=row.pk, counted_at=now).update(size_bytes=size)


def _sizes(places: list[list[Path]]) -> list[int]:
    """Bytes in each list of directories; a place that is not there holds none."""
    tasks = [
        disk.DiskTask([path for path in place if path.exists()], None, ALL) for place in places
    ]
    return disk.measure(tasks) if tasks else []
