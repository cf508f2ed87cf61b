"""What commands have left running at their own end, as the rows say it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from sandboxes.engine import AgentClient
from sandboxes.host import handles
from sandboxes.models import Command, SandboxSession
from sandboxes.news import events


@dataclass(frozen=True)
class Remains:
    """Of one command: how many of its processes ran on when that was last looked at."""

    command_id: str
    session_id: str
    owner_id: int
    left: int
    agent: AgentClient


def of_command(command_id: str) -> Remains | None:
    """What a command has left in a session that runs; None when that is nothing."""
    return next(iter(_remains(pk=command_id)), None)


def of_sessions(session_ids: Iterable[str], recent: float | None = None) -> list[Remains]:
    """`recent`: only those of commands that have ended in the last so many seconds."""
    which: dict[str, object] = {"session__in": list(session_ids)}
    if recent is not None:
        which["finished_at__gte"] = timezone.now() - timedelta(seconds=recent)
    return _remains(**which)


def record(one: Remains, left: int) -> None:
    """Keep how many still run, and tell pages."""
    if Command.objects.filter(pk=one.command_id, left_processes__gt=0).update(left_processes=left):
        events.command_changed(Command.objects.get(pk=one.command_id))


def _remains(**which: object) -> list[Remains]:
    rows = Command.objects.filter(
        left_processes__gt=0, session__status=SandboxSession.Status.RUNNING, **which
    ).select_related("session", "sandbox")
    found = []
    for row in rows:
        if handle := handles.handle_of(row.session):
            agent = handles.agent_of(handle)
            owner_id = row.sandbox.owner_id
            found.append(Remains(row.id, row.session_id, owner_id, row.left_processes, agent))
    return found
