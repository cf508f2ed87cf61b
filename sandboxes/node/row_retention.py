"""Removing rows of commands and events that are kept no longer: each owner keeps the newest."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db.models import Exists, F, OuterRef, QuerySet

from sandboxes.models import Command, Drive, Sandbox, SandboxEvent, SandboxSession, Snapshot
from sandboxes.node import log_retention
from vibe.data.newest import keep_newest

# Of what has been deleted a part of the rows is kept: they may hold an environment each.
DELETED_PART = 10


def enforce() -> int:
    """Of every owner delete the oldest of what is over, beyond VIBE_ROWS_PER_USER of each: ended
    commands with their output, events, sessions that no command is left of, and what is left of
    deleted sandboxes, snapshots and drives; how many rows went. Terminals that nobody has closed
    stay."""
    most = settings.ROWS_PER_USER
    ended = Command.objects.filter(status=Command.Status.FINISHED).exclude(
        tty=True, terminal__closed_at=None
    )
    commands = keep_newest(ended, most, owner="sandbox__owner", before=_without_output)
    events = keep_newest(SandboxEvent.objects.all(), most, owner="sandbox__owner")
    sessions = keep_newest(_past_sessions(), most, owner="sandbox__owner", by="requested_at")
    return commands + events + sessions + _forget_deleted(most)


def _past_sessions() -> QuerySet[SandboxSession]:
    """Neither the first of a sandbox, which says that it has been started before, nor its latest,
    nor one that a snapshot is still to be made of."""
    earlier = SandboxSession.objects.filter(
        sandbox=OuterRef("sandbox"), requested_at__lt=OuterRef("requested_at")
    )
    making = Snapshot.objects.filter(session=OuterRef("pk"), status=Snapshot.Status.CREATING)
    over = SandboxSession.objects.exclude(status__in=SandboxSession.LIVE)
    return over.filter(
        Exists(earlier), ~Exists(making), ~Exists(Command.objects.filter(session=OuterRef("pk")))
    ).exclude(pk=F("sandbox__session"))


def _forget_deleted(most: int) -> int:
    """Rows whose files still lie on the disk stay until those are gone."""
    if most <= 0:
        return 0
    most = max(most // DELETED_PART, 1)
    sandboxes = Sandbox.objects.exclude(deleted_at=None)
    over = sandboxes.exclude(session__status__in=SandboxSession.LIVE)
    snapshots = Snapshot.objects.filter(status=Snapshot.Status.DELETED)
    drives = Drive.objects.exclude(deleted_at=None)
    gone = 0
    # Of a deleted one whose versions somebody keeps, these are read by it.
    over = over.exclude(pk__in=_names(settings.DATA_DIR / "versions"))
    for rows, name in ((over, "sandboxes"), (snapshots, "snapshots"), (drives, "drives")):
        kept = _names(settings.DATA_DIR / name)
        gone += keep_newest(rows.exclude(pk__in=kept), most, owner="owner", by="deleted_at")
    return gone


def _names(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()] if directory.is_dir() else []


def _without_output(commands: list[Command]) -> None:
    for command in commands:
        log_retention.remove(command)
