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
from sandboxes.services.code_of_servers import Held
from vibe.refusal import Refusal

logger = logging.getLogger(__name__)

# Files and folders looked at; a workspace of more is no case for this.
MOST = 20_000
# What servers hand to browsers as it is, anew each time.
HANDED_OUT = frozenset({"public", "static", "assets", "www"})


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
    holding = {
        one: held
        for one in servers.running(sandbox)
        if one.started_at is not None and (held := code_of_servers.held(one.line, one.cwd))
    }
    if not holding:
        return []
    newest = _newest(versions.place_of(sandbox).workspace, set(holding.values()))
    return [
        one
        for one, held in holding.items()
        if one.started_at is not None and newest.get(held, 0.0) > one.started_at.timestamp()
    ]


def _newest(workspace: Path, known: set[Held]) -> dict[Held, float]:
    """When the newest file of each was changed. Names and times only, no link is followed."""
    newest: dict[Held, float] = {}
    seen = 0
    for folder, folders, files in os.walk(workspace):
        beside = {*folders, *files}
        folders[:] = [
            name
            for name in folders
            if not (kinds.is_made(name, beside) or name.startswith(".") or name in HANDED_OUT)
        ]
        seen += len(beside)
        if seen > MOST:
            return {}
        path = os.path.relpath(folder, workspace)
        for name in files:
            held = code_of_servers.nearest(path, os.path.splitext(name)[1], known)
            if held is None:
                continue
            try:
                changed = os.lstat(os.path.join(folder, name)).st_mtime
            except OSError:
                continue
            newest[held] = max(newest.get(held, 0.0), changed)
    return newest
