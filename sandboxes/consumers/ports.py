"""Notices when a program in a sandbox begins or ends to listen, for a page that looks at it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator

from sandboxes.models import Command, Sandbox
from sandboxes.services import asking, ports, servers, spoken
from vibe.data.database import in_thread
from vibe.refusal import Refusal
from vibe.shares import Busy
from vibe.streams.stream import Event

# Right after a command started its server may come up any moment; later it is only checked on.
QUICK, SLOW, QUICK_FOR = 0.4, 4.0, 20.0


class PortWatch:
    """The kernel tells nobody that a port is open, so the agent is asked, while commands run."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox_id, self._owner_id = sandbox.pk, sandbox.owner_id
        self._session_id = sandbox.session_id or ""
        self._asked = asyncio.Event()
        self._since = time.monotonic()

    def look(self) -> None:
        """Something happened (a command started or ended): look now, and often for a while."""
        self._since = time.monotonic()
        self._asked.set()

    async def changes(self) -> AsyncGenerator[list[tuple[int, Event]], None]:
        """Yield an event of type `ports` at first and whenever the open ports have changed, or
        what is known of those (`other`) that do not speak HTTP."""
        known: tuple[list[int], list[int]] | None = None
        while True:
            self._asked.clear()
            found, busy = await self._look(known[0] if known else [])
            other = [port for port in spoken.other(self._session_id) if port in found]
            if (found, other) != known:
                known = (found, other)
                event: Event = {"type": "ports", "ports": found}
                if other:
                    event["other"] = other
                if found and (names := await in_thread(self._names, found)):
                    event["names"] = names
                yield [(0, event)]
            recent = time.monotonic() - self._since < QUICK_FOR
            pause = (QUICK if recent else SLOW) if busy else None
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._asked.wait()

    async def _look(self, before: list[int]) -> tuple[list[int], bool]:
        try:
            return await asking.ask(self._owner_id, self._now)
        except Busy:  # with sandboxes of the same owner, which do not answer
            return before, True

    def _names(self, found: list[int]) -> dict[int, str]:
        return servers.names(Sandbox.objects.get(pk=self._sandbox_id), found)

    def _now(self) -> tuple[list[int], bool]:
        sandbox = Sandbox.objects.select_related("session").filter(pk=self._sandbox_id).first()
        if sandbox is None or not sandbox.is_running:
            return [], False
        self._session_id = sandbox.session_id or ""
        busy = Command.objects.filter(sandbox=sandbox).exclude(status="finished").exists()
        try:
            return ports.listening(sandbox), busy
        except Refusal:
            # It stopped in between; its status tells that.
            return [], False
