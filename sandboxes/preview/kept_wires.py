"""Connections of the short road to one port of a sandbox, between two requests."""

from __future__ import annotations

import asyncio
from collections import deque

from sandboxes.engine import AgentClient
from sandboxes.preview.host import Target
from sandboxes.preview.upstream import open_socket, way_to
from sandboxes.preview.wire import NOBODY, Wire


class KeptWires:
    """Of one session of the sandbox: the way to its agent is remembered."""

    def __init__(self, target: Target, loop: asyncio.AbstractEventLoop) -> None:
        self.target = target
        self._loop = loop
        self._way: AgentClient | None = None
        self._resting: deque[Wire] = deque()

    def __len__(self) -> int:
        return len(self._resting)

    def take(self) -> Wire | None:
        """One that has carried a request before."""
        return self._resting.pop() if self._resting else None

    async def new(self) -> Wire:
        """A new one. Raises what upstream.open_socket raises."""
        self._way = way = self._way or await way_to(self.target)
        try:
            sock = await open_socket(self.target, way)
        except BaseException:
            self._way = None  # it may have led nowhere
            raise
        return Wire(sock, self._loop, NOBODY)

    def keep(self, wire: Wire) -> None:
        wire.owner = self
        wire.resume()
        self._resting.append(wire)

    def close(self) -> None:
        while self._resting:
            self._resting.pop().cut()

    # What happens on them meanwhile.

    def came(self, wire: Wire, _data: bytes) -> None:
        """A server that speaks unasked cannot be asked."""
        self.ended(wire)

    def ended(self, wire: Wire) -> None:
        self._resting.remove(wire)
        wire.cut()

    def emptied(self, wire: Wire) -> None:
        """Nothing waits in a connection at rest."""

    def failed(self, wire: Wire) -> None:
        self.ended(wire)
