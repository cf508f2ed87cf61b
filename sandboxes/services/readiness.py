"""Waiting with the thread held until a sandbox runs or a snapshot is made; services.waiting holds
none."""

from __future__ import annotations

import time
from typing import TypeVar

from sandboxes.models import Sandbox, Snapshot
from sandboxes.news import events
from sandboxes.services.finding import not_running
from vibe.refusal import Refusal
from vibe.streams.stream import EventStream

Row = TypeVar("Row", Sandbox, Snapshot)


def wait_while_starting(sandbox: Sandbox, timeout: float) -> Sandbox:
    """Return the refreshed sandbox once it starts no longer, or as it is after `timeout` s."""
    return _wait_while(sandbox, Sandbox.Status.PENDING, sandbox.id, timeout)


def wait_until_running(sandbox: Sandbox, timeout: float = 30.0) -> Sandbox:
    """Return the refreshed sandbox once it runs. Raises Refusal when it failed or stopped."""
    sandbox = wait_while_starting(sandbox, timeout)
    match sandbox.status:
        case Sandbox.Status.RUNNING:
            return sandbox
        case Sandbox.Status.FAILED:
            error = sandbox.session.error if sandbox.session else ""
            raise Refusal(
                f"The sandbox could not start. {error}".strip(), "Try again.", "unavailable"
            )
        case Sandbox.Status.STOPPED:
            raise not_running(sandbox)
    raise Refusal(
        f"The sandbox did not start within {timeout:.0f} s.",
        "Look whether the sandbox worker runs: python3 manage.py doctor",
        code="timeout",
    )


def wait_until_made(snapshot: Snapshot, timeout: float) -> Snapshot:
    """The refreshed snapshot once it is made or has failed, or as it is after `timeout` s."""
    return _wait_while(snapshot, Snapshot.Status.CREATING, snapshot.sandbox_id or "", timeout)


def _wait_while(row: Row, status: str, sandbox_id: str, timeout: float) -> Row:
    """The row, looked at again at each event of the sandbox until it has another status."""
    stream = EventStream(events.sandbox_key(sandbox_id))
    deadline = time.monotonic() + timeout
    seen = stream.last()
    while True:
        row.refresh_from_db()
        left = deadline - time.monotonic()
        if row.status != status or left <= 0:
            return row
        seen = stream.wait(seen, min(left, 2.0))
