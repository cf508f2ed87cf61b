"""The dependency step of a restore: what the lock files that came back ask for, and running it."""

from __future__ import annotations

from chat.models import Version
from sandboxes.engine.versions import kinds
from sandboxes.models import Command
from sandboxes.services import commands
from vibe.accounts.models import User
from vibe.refusal import Refusal


def due(version: Version, latest: Version | None) -> list[str]:
    """What is to be run once `version` stands in the place of `latest`."""
    if latest is None or latest.checkpoint.sandbox_id != version.checkpoint.sandbox_id:
        return []
    return kinds.install_commands(latest.checkpoint.locks, version.checkpoint.locks)


def run(version: Version, *, by: User) -> Command:
    """Run what the restored version asks for, in its sandbox. Raises Refusal."""
    steps = version.checkpoint.next_steps
    if not steps:
        raise Refusal(
            "This version asks for no dependency step.",
            "Its lock files are those that were there before it.",
            code="conflict",
        )
    line = " && ".join(steps)
    return commands.run(version.checkpoint.sandbox, "bash", ["-lc", line], by=by)
