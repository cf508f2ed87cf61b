"""What programs of the owner hear by webhook."""

from __future__ import annotations

from sandboxes.models import Command, Sandbox, SandboxEvent
from sandboxes.news import event_log
from vibe.webhooks.services import announcing


def sandbox(sandbox: Sandbox, what: str) -> None:
    """`what`: created, started, stopped, failed or deleted."""
    session = sandbox.session
    dropped = announcing.announce(
        sandbox.owner_id,
        f"sandbox.{what}",
        {
            "id": sandbox.pk,
            "name": sandbox.name,
            "status": sandbox.status,
            "session": sandbox.session_id,
            "stop_reason": session.stop_reason if session else "",
            "error": session.error if session else "",
        },
    )
    _say(sandbox, dropped)


def command_finished(command: Command) -> None:
    dropped = announcing.announce(
        command.sandbox.owner_id,
        "command.finished",
        {
            "id": command.pk,
            "sandbox": command.sandbox_id,
            "line": command.line,
            "cause": command.cause,
            "exit_code": command.exit_code,
            "signal": command.signal,
            "outcome": command.outcome,
            "log_size": command.log_size,
        },
    )
    _say(command.sandbox, dropped)


def _say(sandbox: Sandbox, dropped: str) -> None:
    """Nothing is lost in silence: the event log has a line when messages begin to be dropped."""
    if dropped:
        event_log.record(sandbox, SandboxEvent.Kind.LIMIT, dropped)
