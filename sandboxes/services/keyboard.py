"""What a client types, on its way into a terminal: in order, bounded, at the program's pace."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from sandboxes.engine import CHUNK_BYTES, EngineError, InputLine, TerminalSize
from sandboxes.models import Terminal
from sandboxes.services import activity, terminals
from vibe.data.database import in_thread
from vibe.refusal import Refusal

MAX_HELD = 1024 * 1024
START_POLL_SECONDS = 0.05


class Overrun(Exception):
    """The client sent far more than the program reads."""


class Keyboard:
    """Holds up to 1 MiB for a program that does not read; `taken` is told of each write's size."""

    def __init__(self, terminal: Terminal, taken: Callable[[int], Awaitable[None]]) -> None:
        self._terminal = terminal
        self._taken = taken
        self._items: asyncio.Queue[bytes | TerminalSize] = asyncio.Queue()
        self._held = 0

    def put(self, item: bytes | TerminalSize) -> None:
        """Add keys or a new size; never waits. Raises Overrun."""
        # A size counts too, or a client could queue sizes without end.
        self._held += len(item) if isinstance(item, bytes) else 64
        if self._held > MAX_HELD:
            raise Overrun
        self._items.put_nowait(item)

    async def run(self) -> None:
        """Deliver until the program or its sandbox has ended."""
        with suppress(EngineError, Refusal):
            line = await self._line()
            try:
                while True:
                    item = await self._items.get()
                    await self._deliver(line, item)
            finally:
                line.close()

    async def _line(self) -> InputLine:
        while True:
            line = await in_thread(terminals.keyboard, self._terminal)
            if line is not None:
                return line
            await asyncio.sleep(START_POLL_SECONDS)

    async def _deliver(self, line: InputLine, item: bytes | TerminalSize) -> None:
        if isinstance(item, TerminalSize):
            self._held -= 64
            await in_thread(terminals.remember_size, self._terminal, item)
            await line.resize(item)
            return
        for start in range(0, len(item), CHUNK_BYTES):
            await line.write(item[start : start + CHUNK_BYTES])
        self._held -= len(item)
        await self._taken(len(item))
        session = self._terminal.command.session_id
        if activity.is_due(session):
            await in_thread(activity.touch, session)
