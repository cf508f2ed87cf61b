"""Names and payloads of what happens to a sandbox, as pages and programs hear of it."""

from __future__ import annotations

from sandboxes.models import Checkpoint, Command, Sandbox, Snapshot
from vibe.streams.stream import publish


def sandbox_key(sandbox_id: str) -> str:
    return f"events:sandbox:{sandbox_id}"


def drive_key(drive_id: str) -> str:
    """The stream that tells of a copy's end."""
    return f"events:drive:{drive_id}"


def log_key(command_id: str) -> str:
    return f"log:{command_id}"


def done_key(command_id: str) -> str:
    """Holds one event once the command has finished: cheap to block on."""
    return f"done:{command_id}"


def session_changed(sandbox: Sandbox) -> None:
    publish(sandbox_key(sandbox.id), type="session", status=sandbox.status)


def command_changed(command: Command) -> None:
    publish(
        sandbox_key(command.sandbox_id), type="command", command=command.id, status=command.status
    )


def terminal_changed(sandbox_id: str, terminal_id: str) -> None:
    """A terminal was opened, renamed or closed."""
    publish(sandbox_key(sandbox_id), type="terminal", terminal=terminal_id)


def files_changed(sandbox_id: str) -> None:
    publish(sandbox_key(sandbox_id), type="files")


def hosts_refused(sandbox_id: str, command_ids: list[str]) -> None:
    """The network policy has refused a host to these commands, or may allow it by now."""
    publish(sandbox_key(sandbox_id), type="refused", commands=command_ids)


def network_changed(sandbox_id: str) -> None:
    """Another network policy is in force now."""
    publish(sandbox_key(sandbox_id), type="network")


def event_recorded(sandbox_id: str) -> None:
    """The event log of the sandbox has grown."""
    publish(sandbox_key(sandbox_id), type="event")


def snapshot_changed(snapshot: Snapshot) -> None:
    """A snapshot was asked for, has got further, is made, has failed or is deleted."""
    if snapshot.sandbox_id:
        publish(
            sandbox_key(snapshot.sandbox_id),
            type="snapshot",
            snapshot=snapshot.id,
            status=snapshot.status,
        )


def checkpoint_changed(checkpoint: Checkpoint) -> None:
    """A version of the files was asked for, is saved, or could not be."""
    publish(
        sandbox_key(checkpoint.sandbox_id),
        type="version",
        checkpoint=checkpoint.id,
        status=checkpoint.status,
    )
