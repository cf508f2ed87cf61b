"""Waiting until a sandbox runs, with the thread held; services.waiting holds none."""

from __future__ import annotations

import time

from sandboxes.models import Sandbox
from sandboxes.services import events
from sandboxes.services.errors import SandboxError
from sandboxes.services.finding import not_running
from vibe.streams.stream import EventStream


def wait_while_starting(sandbox: Sandbox, timeout: float) -> Sandbox:
    """Return the refreshed sandbox once it starts no longer, or as it is after `timeout` s."""
    stream = EventStream(events.sandbox_key(sandbox.id))
    deadline = time.monotonic() + timeout
    seen = stream.last()
    while True:
        sandbox.refresh_from_db()
        left = deadline - time.monotonic()
        if sandbox.status != Sandbox.Status.PENDING or left <= 0:
            return sandbox
        seen = stream.wait(seen, min(left, 2.0))


def wait_until_running(sandbox: Sandbox, timeout: float = 30.0) -> Sandbox:
    """Return the refreshed sandbox once it runs. Raises SandboxError when it failed or stopped."""
    sandbox = wait_while_starting(sandbox, timeout)
    match sandbox.status:
        case Sandbox.Status.RUNNING:
            return sandbox
        case Sandbox.Status.FAILED:
            error = sandbox.session.error if sandbox.session else ""
            raise SandboxError(
                f"The sandbox could not start. {error}".strip(), "Try again.", "unavailable"
            )
        case Sandbox.Status.STOPPED:
            raise not_running(sandbox)
    raise SandboxError(
        f"The sandbox did not start within {timeout:.0f} s.",
        "Look whether the sandbox worker runs: python3 manage.py doctor",
        code="timeout",
    )
