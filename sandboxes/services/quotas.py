"""What one owner may have in all: counted, held to, and shown.

The checks belong into the transaction that writes what they allow. `take_turn` comes first in it,
so that of two requests of one owner the second counts what the first has written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    When,
)
from django.db.models.functions import Coalesce, Greatest

from sandboxes.host import reserve
from sandboxes.models import Command, Drive, Sandbox, SandboxSession, Snapshot
from sandboxes.services import largest
from sandboxes.services.amounts import in_words
from vibe.accounts.models import User
from vibe.accounts.services.kept import take_turn as take_turn
from vibe.data.prepared import Prepared
from vibe.refusal import Refusal

MB = 1 << 20
BLOCK = 4096  # what a file counts at least


class QuotaReached(Refusal):
    """The owner has as much as one may have."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message, hint, "limit")


class DiskNearlyFull(Refusal):
    """What is free on the disk is kept for the platform."""

    def __init__(self) -> None:
        super().__init__(
            "The machine's disk is nearly full, and what is left is kept for the platform.",
            "Delete sandboxes, snapshots or files that you do not need, or ask the operator.",
            "unavailable",
        )


@dataclass(frozen=True)
class Use:
    """What an owner has now; `disk` in bytes. `free`: no quota holds for this one."""

    sandboxes: int
    running: int
    snapshots: int
    drives: int
    disk: int
    free: bool = False


def _of(rows: Any, what: Any, owner: str = "owner") -> Any:
    """One number of all rows of the owner that is looked at."""
    mine = rows.filter(**{owner: OuterRef("pk")}).order_by().values(owner)
    found = mine.annotate(wanted=what).values("wanted")
    return Coalesce(Subquery(found, output_field=BigIntegerField()), 0)


# A snapshot under way will take what its sandbox takes. One that only serves to copy a sandbox
# goes when the copy has its files, which count there.
_SNAPSHOTS = Snapshot.objects.filter(status__in=Snapshot.KEPT).exclude(method=Snapshot.Method.FORK)
# Those that are made by themselves have a number of their own, for each sandbox that is there.
_COUNTED = _SNAPSHOTS.exclude(
    method=Snapshot.Method.STOP, sandbox__isnull=False, sandbox__deleted_at=None
)
_SNAPSHOT_BYTES = Case(
    When(
        status=Snapshot.Status.CREATING,
        then=Greatest(F("size_bytes"), Coalesce(F("sandbox__disk_bytes"), 0)),
    ),
    default=Greatest(F("size_bytes"), F("file_count") * BLOCK),
    output_field=BigIntegerField(),
)
_LIVE = SandboxSession.objects.filter(status__in=SandboxSession.LIVE)
_SANDBOXES = Sandbox.objects.filter(deleted_at=None)
# Versions outlive their sandbox for as long as somebody keeps them.
_LEFT = Sandbox.objects.filter(deleted_at__isnull=False, versions_bytes__gt=0)
_DRIVES = Drive.objects.filter(deleted_at=None)

# What other apps keep of an owner, by name: rows with an `owner` and a `size` in bytes.
_ELSEWHERE: dict[str, Callable[[], QuerySet[Any]]] = {}


def count_too(name: str, rows: Callable[[], QuerySet[Any]]) -> None:
    """Let these rows count towards their owners' disk space; while the apps are loaded."""
    _ELSEWHERE[name] = rows


_use = Prepared(
    lambda owner: (
        User.objects.order_by()
        .filter(pk=owner)
        .only("is_superuser")
        .annotate(
            kept=_of(_SANDBOXES, Count("pk")),
            kept_bytes=_of(_SANDBOXES, Sum(F("disk_bytes") + F("versions_bytes"))),
            left_bytes=_of(_LEFT, Sum("versions_bytes")),
            running=_of(_LIVE, Count("pk"), "sandbox__owner"),
            mounted_bytes=_of(_LIVE, Sum("mounted_bytes"), "sandbox__owner"),
            saved=_of(_COUNTED, Count("pk")),
            saved_bytes=_of(_SNAPSHOTS, Sum(_SNAPSHOT_BYTES)),
            drive_count=_of(_DRIVES, Count("pk")),
            drive_bytes=_of(_DRIVES, Sum("size_bytes")),
            **{f"{name}_bytes": _of(rows(), Sum("size")) for name, rows in _ELSEWHERE.items()},
        )
    )
)
_busy = Prepared(
    lambda owner: (
        User.objects.order_by()
        .filter(pk=owner)
        .only("is_superuser")
        .annotate(
            commands=_of(
                Command.objects.filter(status__in=[Command.Status.QUEUED, Command.Status.RUNNING]),
                Count("pk"),
                "sandbox__owner",
            )
        )
    )
)


def use_of(owner_id: int) -> Use:
    """What the owner has, in one query."""
    row: Any = _use.first(owner_id)
    if row is None:
        return Use(0, 0, 0, 0, 0, free=True)
    disk = row.kept_bytes + row.left_bytes + row.mounted_bytes + row.saved_bytes + row.drive_bytes
    disk += sum(getattr(row, f"{name}_bytes") for name in _ELSEWHERE)
    return Use(row.kept, row.running, row.saved, row.drive_count, int(disk), free=_is_free(row))


def disk_left(use: Use) -> int | None:
    """Bytes that the owner may still fill, less than 0 for too much; None for no end."""
    if use.free or settings.DISK_PER_USER_MB <= 0:
        return None
    return settings.DISK_PER_USER_MB * MB - use.disk


def check_new_sandbox(owner_id: int, size: int = 0) -> None:
    """Raise Refusal when the owner may keep no further sandbox, or none with `size` bytes."""
    check_reserve()
    use = use_of(owner_id)
    most = settings.SANDBOXES_KEPT_PER_USER
    if _reached(use, use.sandboxes, most):
        raise QuotaReached(
            f"You keep {use.sandboxes} sandboxes, which is the limit.",
            f"Delete one that you do not need{largest.sandbox(owner_id)}.",
        )
    check_disk(owner_id, size, use)


def check_running(owner_id: int, but: Sandbox) -> None:
    """Raise Refusal when the owner may have none running besides those that do, and `but`."""
    use = use_of(owner_id)
    if not _reached(use, use.running, settings.SANDBOXES_PER_USER):
        return
    own = _LIVE.filter(sandbox=but).count()  # its session before, which is being stopped
    if _reached(use, use.running - own, settings.SANDBOXES_PER_USER):
        raise QuotaReached(
            f"You have {use.running} sandboxes running, which is the limit.",
            f"Stop one that you do not need{largest.running(owner_id)}.",
        )


def check_command(owner_id: int) -> None:
    """Raise Refusal when the owner may have no further command running or waiting."""
    most = settings.COMMANDS_PER_USER
    row: Any = _busy.first(owner_id) if most > 0 else None
    if row is not None and row.commands >= most and not _is_free(row):
        raise QuotaReached(
            f"You have {row.commands} commands and terminals running or waiting, which is the "
            "limit.",
            f"Stop some that you do not need{largest.busiest(owner_id)}.",
        )


def check_snapshots(owner_id: int) -> None:
    """Raise Refusal when the owner may keep no further snapshot."""
    use = use_of(owner_id)
    if _reached(use, use.snapshots, settings.SNAPSHOTS_PER_USER):
        raise QuotaReached(
            f"You keep {use.snapshots} snapshots, which is the limit.",
            f"Delete some that you do not need{largest.snapshot(owner_id)}.",
        )


def check_drive(owner_id: int, size: int = 0) -> None:
    """Raise Refusal when the owner may have no further drive, or none with `size` bytes."""
    check_reserve()
    use = use_of(owner_id)
    if _reached(use, use.drives, settings.DRIVES_PER_USER):
        raise QuotaReached(
            f"You have {use.drives} drives, which is the limit.",
            f"Delete one that you do not need{largest.drive(owner_id)}.",
        )
    check_disk(owner_id, size, use)


def check_disk(owner_id: int, size: int, use: Use | None = None) -> None:
    """Raise Refusal when `size` bytes more would be too much; with 0, when all is used up."""
    left = disk_left(use or use_of(owner_id))
    if left is not None and (left <= 0 or size > left):
        raise no_disk_left(owner_id, size)


def no_disk_left(owner_id: int, size: int = 0) -> QuotaReached:
    """What to tell an owner whose disk space does not suffice for `size` bytes more."""
    needs = f", and this needs {in_words(size)}" if size else ""
    return QuotaReached(
        f"Your sandboxes, snapshots, drives and attachments take {in_words(use_of(owner_id).disk)} "
        f"of the {in_words(settings.DISK_PER_USER_MB * MB)} that you may have{needs}.",
        f"Delete what you do not need{largest.anything(owner_id)}.",
    )


def check_reserve() -> None:
    """Raise Refusal when nobody may fill the disk any further."""
    if not reserve.is_held():
        raise DiskNearlyFull


def _reached(use: Use, count: int, most: int) -> bool:
    return 0 < most <= count and not use.free


def _is_free(owner: User) -> bool:
    return owner.is_superuser and settings.ADMINISTRATORS_WITHOUT_QUOTAS
