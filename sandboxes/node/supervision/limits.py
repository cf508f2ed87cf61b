"""Watches what running sandboxes use up and nobody else counts: disk space, output, processes."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from sandboxes.engine import EngineError, disk
from sandboxes.engine import limits as engine_limits
from sandboxes.host import reserve
from sandboxes.models import Command
from sandboxes.node import disk_use, sessions
from sandboxes.node.sessions import Allowance
from sandboxes.node.supervision.command import CommandRun
from sandboxes.node.supervision.counting import NOTICEABLE_BYTES, Count, DiskUse
from sandboxes.node.supervision.loop import Loop
from sandboxes.node.supervision.watches import Watches

logger = logging.getLogger(__name__)

TICK_SECONDS = 1.0
# How often a sandbox's disk space is counted: at the soonest, and when nothing seems to grow.
SOONEST_SECONDS, LATEST_SECONDS = 5.0, 60.0
# Counting may take this part of a processor's time.
BUSY = 0.1
BUSY_WHEN_FULL = 0.5  # while it must be found out who fills the disk
# A command that was killed has ended by then; one that has not counts as going on.
ENDING_SECONDS = 10.0
SLACK_PROCESSES = 2  # a shell that cannot fork has just ended when one looks


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
        self._crowded: set[int] = set()  # owners with more on the disk than they may have
        self._printed: dict[str, int] = {}  # bytes of output by session, while the disk is full
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
        in_use, held = await self._loop.in_thread(_look_at_disk)
        due = [key for key in self._allowances if not held or self._is_due(key, now, in_use)]
        if not due:
            return
        counts = await self._count(due, in_use)
        took = time.monotonic() - now
        self._not_before = time.monotonic() + took / (BUSY if held else BUSY_WHEN_FULL)
        fastest = "" if held else self._fastest(counts)
        for count in counts:
            await self._judge(count, self._cause(count, fastest))

    async def _count(self, due: list[str], in_use: int) -> list[Count]:
        """Count what the sandboxes and drives hold, and write it down; empty when that fails."""
        allowed = [self._allowances[key] for key in due]
        tasks = [
            disk.DiskTask(one.directories, one.handle, one.limits.disk_bytes) for one in allowed
        ]
        uses = [self._disk.setdefault(key, DiskUse()) for key in due]
        runs = self._runs()
        ended = [not any(run in runs for run in use.ending) for use in uses]
        began = timezone.now()
        try:
            sizes = await self._loop.in_thread(disk.measure, tasks)
        except EngineError as error:
            logger.warning("%s", error)
            return []
        now = time.monotonic()
        counts = []
        for key, use, size, has_ended in zip(due, uses, sizes, ended, strict=True):
            counts.append(Count(key, size, use.grown_to(size, now), has_ended))
            use.counted(size, now, in_use)
        await self._write_down(counts, began)
        return counts

    async def _write_down(self, counts: list[Count], began: datetime) -> None:
        sandboxes, drives = {}, {}
        for count in counts:
            one = self._allowances[count.key]
            if one.drive_id:
                drives[one.drive_id] = count.size
            else:
                sandboxes[one.sandbox_id] = count.size
        await self._loop.rows.call(disk_use.record, sandboxes, drives, began)
        growing = {
            self._allowances[count.key].owner_id for count in counts if count.growth.is_noticeable
        }
        self._crowded = await self._loop.rows.call(disk_use.crowded, growing) if growing else set()

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

    def _fastest(self, counts: list[Count]) -> str:
        """The session that fills the disk fastest, by its files and its output; "" for none."""
        printed: dict[str, int] = {}
        for run in self._runs():
            printed[run.session_id] = printed.get(run.session_id, 0) + run.printed
        rates: dict[str, float] = {}
        for count in counts:
            session_id = _session_of(count.key)
            rates[session_id] = rates.get(session_id, 0.0) + count.growth.rate
        for session_id, size in printed.items():
            if (before := self._printed.get(session_id)) is not None and size > before:
                rates[session_id] = rates.get(session_id, 0.0) + size - before
        self._printed = printed
        fastest = max(rates, key=lambda one: rates[one], default="")
        return fastest if rates.get(fastest, 0.0) >= NOTICEABLE_BYTES else ""

    def _cause(self, count: Count, fastest: str) -> str:
        """Why what writes in it is to be ended; "" when it is not."""
        allowed = self._allowances[count.key]
        if count.size > allowed.limits.disk_bytes and count.growth.bytes > 0:
            return Command.Cause.DISK_FULL
        if allowed.owner_id in self._crowded and count.growth.is_noticeable:
            return Command.Cause.OWNER_DISK_FULL
        # Its first entry stands for the session; drives come after it.
        if fastest and count.key == fastest:
            return Command.Cause.MACHINE_FULL
        return ""

    async def _judge(self, count: Count, cause: str) -> None:
        use, session_id = self._disk[count.key], _session_of(count.key)
        if use.ending:
            if count.ended or use.counted_at - use.told_at > ENDING_SECONDS:
                use.ending = []  # from this count on, what grows is somebody else's
            return
        use.overruns = use.overruns + 1 if cause else 0
        if use.overruns == 1:
            use.ending = [run for run in self._runs() if run.session_id == session_id]
            use.told_at = use.counted_at
            for run in use.ending:
                run.exceeded(cause)
        elif use.overruns > 1:  # something that is no command's goes on writing
            use.overruns = 0
            await self._loop.rows.call(sessions.stop_for_disk, session_id, cause)


def _session_of(key: str) -> str:
    """Of an allowance's key, which may name a drive besides."""
    return key.partition(" ")[0]


def _is_full(allowance: Allowance) -> bool:
    count = engine_limits.count_processes(allowance.handle.cgroup)
    return count is not None and count >= allowance.limits.processes - SLACK_PROCESSES


def _look_at_disk() -> tuple[int, bool]:
    """Bytes in use on the file system, and whether the platform's reserve is free."""
    found = os.statvfs(settings.DATA_DIR)
    in_use = (found.f_blocks - found.f_bfree) * found.f_frsize + (
        found.f_files - found.f_ffree
    ) * 4096
    return in_use, reserve.is_held()
