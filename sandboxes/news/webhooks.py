"""What programs of the owner hear by webhook."""

from __future__ import annotations

from sandboxes.models import Command, Sandbox
from vibe.webhooks.services import deliveries


def sandbox(sandbox: Sandbox, what: str) -> None:
    """`what`: created, started, stopped, failed or deleted."""
    session = sandbox.session
    deliveries.announce(
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


def command_finished(command: Command) -> None:
    deliveries.announce(
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
