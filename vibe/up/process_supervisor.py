"""Starts services in stages, each behind the health of the one before; stops them in order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from vibe.up.child import Child, OnLine, describe
from vibe.up.service import Service, StartFailed
from vibe.up.spawning import Spawn, execute

POLL = 0.05


class ProcessSupervisor:
    """Keeps services running. Use from one event loop, in the main thread.

    on_line(name, text) gets each line that a service writes.
    """

    def __init__(self, on_line: OnLine, spawn: Spawn = execute) -> None:
        self.on_line = on_line
        self.spawn = spawn
        self.children: dict[str, Child] = {}

    async def start(self, *services: Service) -> None:
        """Start `services` at once and return when each is ready. Raises StartFailed."""
        for service in services:
            child = self.children[service.name] = Child(service, self.on_line, self.spawn)
            child.start()
        await asyncio.gather(*(self._gate(self.children[s.name]) for s in services))

    async def _gate(self, child: Child) -> None:
        service = child.service
        deadline = time.monotonic() + service.ready_within
        while True:
            if child.ended:
                status = child.process.returncode if child.process else None
                raise StartFailed(service.name, f"{describe(status)} while starting", child.tail)
            if child.running and (service.ready is None or await service.ready()):
                child.started = True
                return
            if time.monotonic() > deadline:
                why = f"was not ready within {service.ready_within:g} s"
                raise StartFailed(service.name, why, child.tail)
            await asyncio.sleep(POLL)

    async def stop(self, *names: str) -> None:
        """Stop the named services at once; returns when all of them are gone."""
        await asyncio.gather(*(self.children[n].stop() for n in names if n in self.children))

    async def stop_in_order(self, order: Sequence[Sequence[str]]) -> None:
        """Stop group after group."""
        for names in order:
            await self.stop(*names)
