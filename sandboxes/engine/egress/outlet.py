"""The way out of one sandbox: its policy, what is open through it, and the journal of it."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from .answers import Refusal, last_words
from .decision import Decision, decide
from .dial import Dialler
from .journal import Journal
from .passage import Passage
from .policy import Policy
from .registries import FoundRegistries
from .resolver import MOST_OF_ONE
from .traffic import Traffic

logger = logging.getLogger(__name__)

MOST_CONNECTIONS = 256
MOST_TURNED_AWAY = 64  # more than these get no word
JOURNAL_SECONDS = 0.5
HEAD_BYTES = 64 * 1024

Serve = Callable[[Passage, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Report = Callable[[str, list[dict[str, Any]]], None]
Moved = Callable[[str, int, int], None]


class Outlet:
    """`serve` speaks with the program at a new connection; `report` gets what was decided, `moved`
    the bytes that came in and went out."""

    def __init__(
        self,
        name: str,
        policy: Policy,
        found: FoundRegistries,
        dialler: Dialler,
        serve: Serve,
        report: Report,
        moved: Moved,
    ) -> None:
        self.name = name
        self.policy = policy
        self._found = found
        self._dialler = dialler
        self._serve = serve
        self._tell = report
        self.journal = Journal()
        self.traffic = Traffic(partial(moved, name))
        self.look_ups = asyncio.Semaphore(MOST_OF_ONE)
        self._server: asyncio.Server | None = None
        self._passages: dict[asyncio.Task[None], Passage] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._turning_away = 0

    async def open(self, listener: socket.socket) -> None:
        self._server = await asyncio.start_server(self._accept, sock=listener, limit=HEAD_BYTES)

    async def decide(self, host: str, port: int) -> Decision:
        """By the policy that is in force now."""
        if self.policy.mode == "registries":
            await self._found.wait()
        return decide(self.policy, self._found.now, host, port)

    def note(self, host: str, port: int, allowed: bool, reason: str) -> None:
        if self.journal.note(host, port, allowed, reason) and self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(JOURNAL_SECONDS, self._report)

    def change(self, policy: Policy) -> int:
        self.policy = policy
        return self.review()

    def review(self) -> int:
        """End every connection that what holds now would not have let through the same way."""
        ended = 0
        for task, passage in list(self._passages.items()):
            if passage.host is None:
                continue
            now = decide(self.policy, self._found.now, passage.host, passage.port)
            if now != passage.decision:
                task.cancel()
                ended += 1
        return ended

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._passages):
            task.cancel()
        await asyncio.gather(*self._passages, return_exceptions=True)
        if self._timer is not None:
            self._timer.cancel()
        self._report(last=True)
        self.traffic.tell()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        try:
            if len(self._passages) >= MOST_CONNECTIONS:
                await self._turn_away(reader, writer)
                return
            passage = self._passages[task] = Passage(self, self._dialler)
            await self._serve(passage, reader, writer)
        except asyncio.CancelledError:
            pass  # the policy, or the end of the sandbox, has closed it
        except (OSError, asyncio.IncompleteReadError, EOFError):
            pass  # either side hung up
        except Exception:
            logger.exception("a connection of sandbox %s failed", self.name)
        finally:
            self._passages.pop(task, None)
            _hang_up(writer)
            self.traffic.settle()

    async def _turn_away(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._turning_away >= MOST_TURNED_AWAY:
            writer.transport.abort()
            return
        self._turning_away += 1
        try:
            await last_words(reader, writer, _too_many())
        finally:
            self._turning_away -= 1

    def _report(self, last: bool = False) -> None:
        self._timer = None
        if taken := self.journal.take(last):
            self._tell(self.name, taken)


def _hang_up(writer: asyncio.StreamWriter) -> None:
    """Close without waiting for a peer who does not take the rest."""
    writer.close()
    transport = writer.transport
    if transport.get_write_buffer_size():
        asyncio.get_running_loop().call_later(5.0, transport.abort)


def _too_many() -> Refusal:
    return Refusal(
        503,
        f"This sandbox has {MOST_CONNECTIONS} connections open, which is the most",
        "Close some, and open fewer at once.",
    )
