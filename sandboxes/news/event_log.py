"""Writing and reading the event log of a sandbox."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from sandboxes.models import Sandbox, SandboxEvent
from sandboxes.news import events

MAX_TEXT = 500


def record(sandbox: Sandbox, kind: str, text: str, **data: Any) -> SandboxEvent:
    """Add a line to the log of a sandbox and tell its pages. `kind` is a SandboxEvent.Kind."""
    (event,) = record_all([entry(sandbox, kind, text, **data)])
    return event


def record_all(entries: Iterable[SandboxEvent]) -> list[SandboxEvent]:
    """Add lines, made by `entry`, in one statement; for what comes in bursts."""
    written = SandboxEvent.objects.bulk_create(entries)
    for sandbox_id in {event.sandbox_id for event in written}:
        events.event_recorded(sandbox_id)
    return written


def entry(sandbox: Sandbox, kind: str, text: str, **data: Any) -> SandboxEvent:
    """A line that is not written yet."""
    return SandboxEvent(
        sandbox_id=sandbox.pk,
        session_id=sandbox.session_id,
        kind=kind,
        text=text[:MAX_TEXT],
        data=data,
    )


def list_for(sandbox: Sandbox) -> QuerySet[SandboxEvent]:
    """The sandbox's events, newest first."""
    return SandboxEvent.objects.filter(sandbox=sandbox)
