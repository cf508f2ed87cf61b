"""Removing output that is kept no longer: by its age, by the room it takes, with its sandbox."""

from __future__ import annotations

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

    logs: int
    size: int


def enforce() -> Removed:
    """Remove what the settings no longer allow. The commands stay, and say when it went.

    Output of commands that run is never touched.
    """
    logs = size = 0
    for command in [*_of_deleted_sandboxes(), *_too_old()]:
        if remove(command):
            logs, size = logs + 1, size + _kept(command)
    over = _over()
    if over > 0:
        for command in _ended().order_by("finished_at", "id").iterator(chunk_size=200):
            if over <= 0:
                break
            if remove(command):
                over -= _kept(command)
                logs, size = logs + 1, size + _kept(command)
    return Removed(logs, size)


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


def _over() -> int:
    """Bytes beyond what all logs together may take."""
    if settings.LOG_RETENTION_MB <= 0:
        return 0
    found = _ended().aggregate(kept=Sum(F("log_size") - F("dropped_bytes")))
    return (found["kept"] or 0) - settings.LOG_RETENTION_MB * MB


def _kept(command: Command) -> int:
    return command.log_size - command.dropped_bytes
