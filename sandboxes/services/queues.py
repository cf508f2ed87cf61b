"""On which queue the jobs of a session or of its files go: that of the node that has it."""

from __future__ import annotations

from sandboxes.models import Checkpoint, PageVisit, SandboxSession, Snapshot


def queue_of(one: SandboxSession | Snapshot | Checkpoint | PageVisit) -> str:
    """The queue that only the worker of that node reads."""
    return f"sandboxes:{one.node}"
