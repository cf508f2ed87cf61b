"""Servers whose code has changed since they were started, and that do not notice, start anew."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from sandboxes.engine.versions import kinds
from sandboxes.host import versions
from sandboxes.models import Command, Sandbox, SandboxEvent
from sandboxes.news import event_log
from sandboxes.services import code_of_servers, servers
from vibe.refusal import Refusal

logger = logging.getLogger(__name__)

# Files and folders looked at; a workspace of more is no case for this.
MOST = 20_000


def restart(sandbox_id: str) -> None:
    """Restart those of the sandbox; what was done is in its events."""
    sandbox = Sandbox.objects.select_related("session", "owner").get(pk=sandbox_id)
    if not sandbox.is_running:
        return
    stale = _stale(sandbox)
    if not stale:
        return
    try:
        servers.restart(sandbox, stale)
    except Refusal as error:
        logger.info("servers of sandbox %s were not restarted: %s", sandbox_id, error)
        words = f"Not restarted, though the code has changed: {error}"
    else:
        lines = ", ".join(one.line for one in stale)
        words = f"Restarted, since the code has changed: {lines}"
    event_log.record(sandbox, SandboxEvent.Kind.LIFECYCLE, words[:500])


def _stale(sandbox: Sandbox) -> list[Command]:
    held = {
        one: endings
        for one in servers.running(sandbox)
        if (endings := code_of_servers.held(one.line)) and one.started_at is not None
    }
    if not held:
        return []
    newest = _newest(versions.place_of(sandbox).workspace)
    return [
        one
        for one, endings in held.items()
        if one.started_at is not None
        and max((newest.get(ending, 0.0) for ending in endings), default=0.0)
        > one.started_at.timestamp()
    ]


def _newest(workspace: Path) -> dict[str, float]:
    """When a file of each ending was changed last. Names and times only, no link is followed."""
    newest: dict[str, float] = {}
    seen = 0
    for folder, folders, files in os.walk(workspace):
        beside = {*folders, *files}
        folders[:] = [
            name for name in folders if not (kinds.is_made(name, beside) or name.startswith("."))
        ]
        seen += len(beside)
        if seen > MOST:
            return {}
        for name in files:
            ending = os.path.splitext(name)[1]
            try:
                changed = os.lstat(os.path.join(folder, name)).st_mtime
            except OSError:
                continue
            newest[ending] = max(newest.get(ending, 0.0), changed)
    return newest
