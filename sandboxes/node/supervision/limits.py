"""Watches what running sandboxes use up and nobody else counts: disk space, output, processes."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings

from sandboxes.engine import EngineError, disk
from sandboxes.engine import limits as engine_limits
from sandboxes.models import Command
from sandboxes.node import sessions
from sandboxes.node.sessions import Allowance
from sandboxes.node.supervision.command import CommandRun
from sandboxes.node.supervision.loop import Loop
from sandboxes.node.supervision.watches import Watches

logger = logging.getLogger(__name__)

TICK_SECONDS = 1.0
# How often a sandbox's disk space is counted: at the soonest, and when nothing seems to grow.
SOONEST_SECONDS, LATEST_SECONDS = 5.0, 60.0
NOTICEABLE_BYTES = 1 << 20
# Counting may take this part of a processor's time.
BUSY = 0.1
# A command that was killed has ended by then; one that has not counts as going on.
ENDING_SECONDS = 10.0
SLACK_PROCESSES = 2  # a shell that cannot fork has just ended when one looks


@dataclass
class DiskUse:
    """What was last counted of one sandbox. `overruns`: counts in a row that were too much and
    had grown."""

    bytes: int = 0
    counted_at: float = float("-inf")
    node_bytes: int = 0  # in use on the whole file system at that time
    overruns: int = 0
    # Commands that are being ended for it. What they write until then is nobody else's, so a count
    # during which one of them still ran is no reason to end the sandbox.
    ending: list[CommandRun] = field(default_factory=list)
    told_at: float = 0.0


class LimitWatch:
    """One per worker process; runs until it is cancelled."""

    def __init__(self, loop: Loop, watches: Watches, runs: Callable[[], list[CommandRun]]) -> None:
        """`runs` gives the commands that are being looked after now."""
        self._loop = loop
        self._watches = watches
        self._runs = runs
        self._disk: dict[str, DiskUse] = {}
        self._full: dict[str, float] = {}  # when a session was last seen at its process limit
        self._allowances: dict[str, Allowance] = {}
        self._not_before = 0.0

    async def run(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            try:
                await self._tick()
            except Exception:
                logger.exception("limits could not be checked; trying again")

    def had_no_process_left(self, session_id: str, since: float) -> bool:
        """Whether the sandbox was at its limit of processes after `since` (monotonic), or is now.

        For the database thread: what it asks may have started since the last tick.
        """
        if self._full.get(session_id, float("-inf")) >= since:
            return True
        return any(map(_is_full, sessions.allowances([session_id]).values()))

    def disk_bytes(self, session_id: str) -> int | None:
        """What was last counted; None before the first time."""
        use = self._disk.get(session_id)
        return use.bytes if use and use.counted_at > 0 else None

    async def _tick(self) -> None:
        watched = self._watches.ids()
        for key in list(self._disk):
            if _session_of(key) not in watched:
                del self._disk[key]
                self._full.pop(key, None)
        if not watched:
            return
        self._allowances = await self._loop.rows.call(sessions.allowances, watched)
        self._end_printers()
        await self._loop.in_thread(self._note_full)
        await self._check_disk()

    def _end_printers(self) -> None:
        for run in self._runs():
            allowance = self._allowances.get(run.session_id)
            most = allowance.limits.output_bytes if allowance else 0
            if most and run.printed > most:
                run.exceeded(Command.Cause.OUTPUT_LIMIT)

    def _note_full(self) -> None:
        for session_id, allowance in self._allowances.items():
            if _is_full(allowance):
                self._full[session_id] = time.monotonic()

    async def _check_disk(self) -> None:
        now = time.monotonic()
        if now < self._not_before:
            return
        in_use = await self._loop.in_thread(_in_use)
        due = [key for key in self._allowances if self._is_due(key, now, in_use)]
        if not due:
            return
        tasks = [
            disk.DiskTask(found.directories, found.handle, found.limits.disk_bytes)
            for found in (self._allowances[key] for key in due)
        ]
        runs = self._runs()
        ended = [not any(run in runs for run in self._disk[key].ending) for key in due]
        try:
            sizes = await self._loop.in_thread(disk.measure, tasks)
        except EngineError as error:
            logger.warning("%s", error)
            return
        self._not_before = time.monotonic() + (time.monotonic() - now) / BUSY
        for key, size, has_ended in zip(due, sizes, ended, strict=True):
            await self._judge(key, size, in_use, has_ended)

    def _is_due(self, key: str, now: float, in_use: int) -> bool:
        """A sandbox can have grown by no more than the whole file system has."""
        use = self._disk.setdefault(key, DiskUse())
        age, grown = now - use.counted_at, in_use - use.node_bytes
        headroom = self._allowances[key].limits.disk_bytes - use.bytes
        if age >= LATEST_SECONDS or use.overruns:
            return True
        if grown >= max(headroom // 2, NOTICEABLE_BYTES):
            return True
        return age >= SOONEST_SECONDS and grown >= NOTICEABLE_BYTES

    async def _judge(self, key: str, size: int, in_use: int, ended: bool) -> None:
        use, most = self._disk[key], self._allowances[key].limits.disk_bytes
        session_id = _session_of(key)
        over = size > most and size > use.bytes
        now = time.monotonic()
        use.bytes, use.counted_at, use.node_bytes = size, now, in_use
        if use.ending:
            if ended or now - use.told_at > ENDING_SECONDS:
                use.ending = []  # from this count on, what grows is somebody else's
            return
        use.overruns = use.overruns + 1 if over else 0
        if use.overruns == 1:
            use.ending = [run for run in self._runs() if run.session_id == session_id]
            use.told_at = now
            for run in use.ending:
                run.exceeded(Command.Cause.DISK_FULL)
        elif use.overruns > 1:  # something that is no command's goes on writing
            use.overruns = 0
            await self._loop.rows.call(sessions.stop_for_disk, session_id)


def _session_of(key: str) -> str:
    """Of an allowance's key, which may name a drive besides."""
    return key.partition(" ")[0]


def _is_full(allowance: Allowance) -> bool:
    count = engine_limits.count_processes(allowance.handle.cgroup)
    return count is not None and count >= allowance.limits.processes - SLACK_PROCESSES


def _in_use() -> int:
    found = os.statvfs(settings.DATA_DIR)
    return (found.f_blocks - found.f_bfree) * found.f_frsize + (
        found.f_files - found.f_ffree
    ) * 4096
