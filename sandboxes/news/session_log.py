"""What the event log says of a session's start and end."""

from __future__ import annotations

from typing import Any

from sandboxes.models import SandboxEvent, SandboxSession
from sandboxes.news import event_log


def started(session: SandboxSession) -> None:
    assert session.started_at is not None
    seconds = (session.started_at - session.requested_at).total_seconds()
    text = f"Started in {seconds:.1f} s; isolation: {session.isolation}."
    _record(session, text, state="started", seconds=seconds, isolation=session.isolation)


def ended(session: SandboxSession) -> None:
    if session.status == SandboxSession.Status.FAILED:
        _record(session, f"Could not start: {session.error}", state="failed")
        return
    _record(session, f"Ended: {session.why}.", state="stopped", reason=session.stop_reason)


def _record(session: SandboxSession, text: str, **data: Any) -> None:
    event = event_log.entry(session.sandbox, SandboxEvent.Kind.LIFECYCLE, text, **data)
    event.session_id = session.pk  # the sandbox may have the next one already
    event_log.record_all([event])
