"""Removing output that is kept no longer: by its age, by the room it takes, with its sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet, Sum
from django.utils import timezone

from sandboxes.models import Command, LogChunk

MB = 1_000_000
ROWS_A_STATEMENT = 500


@dataclass(frozen=True)
class Removed:
    """Logs and bytes that one round has removed."""

    logs: int = 0
    size: int = 0

    def __add__(self, other: Removed) -> Removed:
        return Removed(self.logs + other.logs, self.size + other.size)


def enforce() -> Removed:
    """Remove what the settings no longer allow. The commands stay, and say when it went.

    Each owner has a share. Where all together have too much, whoever has most gives first, so
    that nobody's output makes room for that of somebody who has more. Output of commands that run
    is never touched, and counts for nobody.
    """
    removed = Removed()
    for command in [*_of_deleted_sandboxes(), *_too_old()]:
        removed += _removed(command)
    kept = _kept_by_owner()
    if settings.LOG_PER_USER_MB > 0:
        share = settings.LOG_PER_USER_MB << 20
        for owner in [owner for owner, size in kept.items() if size > share]:
            removed += _shrink(kept, owner, share)
    if settings.LOG_RETENTION_MB > 0:
        removed += _shrink_all(kept, settings.LOG_RETENTION_MB * MB)
    return removed


def remove(command: Command) -> bool:
    """Remove the output of an ended command; False when somebody did so before."""
    changed = Command.objects.filter(
        pk=command.pk, status=Command.Status.FINISHED, log_removed_at=None
    ).update(log_removed_at=timezone.now())
    if not changed:
        return False
    # In short transactions: a worker that stores output must not wait for a long one.
    while True:
        with transaction.atomic():
            rows = LogChunk.objects.filter(command_id=command.pk).order_by("offset")
            some = list(rows.values_list("pk", flat=True)[:ROWS_A_STATEMENT])
            LogChunk.objects.filter(pk__in=some).delete()
        if len(some) < ROWS_A_STATEMENT:
            return True


def _shrink_all(kept: dict[int, int], most: int) -> Removed:
    """Let those who have most give until all together have no more than `most` bytes."""
    removed = Removed()
    while (over := sum(kept.values()) - most) > 0 and kept:
        first, *others = sorted(kept, key=lambda owner: kept[owner], reverse=True)
        # Down to what the next one has, and then in turns.
        level = max(kept[others[0]] if others else 0, kept[first] - over)
        before = kept[first]
        removed += _shrink(kept, first, min(level, before - 1))
        if kept[first] == before:  # somebody else removes it at this moment
            del kept[first]
    return removed


def _shrink(kept: dict[int, int], owner: int, most: int) -> Removed:
    """Remove the owner's oldest output until no more than `most` bytes are left of it."""
    removed = Removed()
    for command in _oldest(owner):
        if kept[owner] <= most:
            break
        removed += _removed(command)
        kept[owner] -= _kept(command)
    return removed


def _oldest(owner: int) -> Iterator[Command]:
    mine = _ended().filter(sandbox__owner=owner)
    yield from mine.order_by("finished_at", "id").iterator(chunk_size=200)


def _removed(command: Command) -> Removed:
    return Removed(1, _kept(command)) if remove(command) else Removed()


def _ended() -> QuerySet[Command]:
    """Ended commands whose output is kept."""
    return Command.objects.filter(
        status=Command.Status.FINISHED, log_removed_at=None, log_size__gt=0
    ).only("id", "log_size", "dropped_bytes")


def _of_deleted_sandboxes() -> list[Command]:
    return list(_ended().exclude(sandbox__deleted_at=None))


def _too_old() -> list[Command]:
    if settings.LOG_RETENTION_DAYS <= 0:
        return []
    before = timezone.now() - timedelta(days=settings.LOG_RETENTION_DAYS)
    return list(_ended().filter(finished_at__lt=before))


def _kept_by_owner() -> dict[int, int]:
    """Bytes of output that each owner has."""
    rows = Command.objects.filter(
        status=Command.Status.FINISHED, log_removed_at=None, log_size__gt=0
    )
    sizes = (
        rows.order_by()
        .values_list("sandbox__owner")
        .annotate(kept=Sum(F("log_size") - F("dropped_bytes")))
    )
    return {owner: int(size) for owner, size in sizes}


def _kept(command: Command) -> int:
    return command.log_size - command.dropped_bytes
