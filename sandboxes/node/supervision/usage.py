"""Takes samples of what running sandboxes use: often while somebody looks, else now and then."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass

import redis

from sandboxes.engine import SandboxHandle
from sandboxes.engine import usage as engine_usage
from sandboxes.engine.usage import Usage
from sandboxes.node.supervision.limits import LimitWatch
from sandboxes.node.supervision.loop import Loop
from sandboxes.node.supervision.watches import Watches
from sandboxes.services import usage
from sandboxes.services.usage import Sample

logger = logging.getLogger(__name__)

TICK_SECONDS = 2.0
UNWATCHED_SECONDS = 15.0


@dataclass(frozen=True)
class Reading:
    """Counts of one session, and when they were read (monotonic)."""

    at: float
    usage: Usage


class UsageWatch:
    """One per worker process; runs until it is cancelled."""

    def __init__(self, loop: Loop, watches: Watches, limits: LimitWatch) -> None:
        self._loop = loop
        self._watches = watches
        self._limits = limits
        self._before: dict[str, Reading] = {}

    async def run(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            try:
                await self._tick()
            except redis.RedisError as error:
                logger.warning("no samples of what sandboxes use (%s); trying again", error)
            except Exception:
                logger.exception("no samples of what sandboxes use; trying again")

    async def _tick(self) -> None:
        running = self._watches.running()
        for gone in self._before.keys() - running.keys():
            del self._before[gone]
        if running:
            disk = {key: self._limits.disk_bytes(key) for key in running}
            await self._loop.in_thread(self._sample, running, disk)

    def _sample(
        self, running: dict[str, tuple[str, SandboxHandle]], disk: dict[str, int | None]
    ) -> None:
        looked_at = usage.watched([sandbox_id for sandbox_id, _ in running.values()])
        samples = []
        for session_id, (sandbox_id, handle) in running.items():
            before = self._before.get(session_id)
            age = time.monotonic() - before.at if before else UNWATCHED_SECONDS
            if sandbox_id not in looked_at and age < UNWATCHED_SECONDS:
                continue
            counted = engine_usage.read(handle)
            if counted is None:
                continue
            now = self._before[session_id] = Reading(time.monotonic(), counted)
            samples.append((sandbox_id, _sample(before, now, disk[session_id])))
        usage.record(samples)


def _sample(before: Reading | None, now: Reading, disk: int | None) -> Sample:
    cpu = network = None
    if before is not None:
        seconds = max(now.at - before.at, 0.001)
        cpu = max(0.0, now.usage.cpu_seconds - before.usage.cpu_seconds) / seconds
        if now.usage.network_bytes is not None and before.usage.network_bytes is not None:
            network = max(0, now.usage.network_bytes - before.usage.network_bytes) / seconds
    return Sample(time.time(), cpu, now.usage.memory_bytes, disk, network)
