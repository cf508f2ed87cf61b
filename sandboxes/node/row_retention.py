"""Removing rows of commands and events that are kept no longer: each owner keeps the newest."""

from __future__ import annotations

from django.conf import settings

from sandboxes.models import Command, SandboxEvent
from sandboxes.node import log_retention
from vibe.data.newest import keep_newest


def enforce() -> int:
    """Delete the oldest ended commands, with their output, and the oldest events of every owner
    who has more than VIBE_ROWS_PER_USER of them; how many rows went. Terminals that nobody has
    closed stay."""
    most = settings.ROWS_PER_USER
    ended = Command.objects.filter(status=Command.Status.FINISHED).exclude(
        tty=True, terminal__closed_at=None
    )
    commands = keep_newest(ended, most, owner="sandbox__owner", before=_without_output)
    return commands + keep_newest(SandboxEvent.objects.all(), most, owner="sandbox__owner")


def _without_output(commands: list[Command]) -> None:
    for command in commands:
        log_retention.remove(command)
