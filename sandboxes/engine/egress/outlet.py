"""The way out of one sandbox: its policy, what is open through it, and the journal of it."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable
from functools import partial
from ipaddress import IPv4Address
from typing import Any

from .answers import Refusal, hang_up, last_words
from .decision import Decision, decide, is_answered_for, may_reach, named_ports
from .dial import Dialler
from .direct.address_book import AddressBook
from .direct.answering import Answering
from .direct.connection import explain
from .direct.far_end import FarEnd
from .direct.name_server import NameServer
from .domains import as_address
from .journal import Journal
from .passage import Passage
from .policy import Policy
from .registries import FoundRegistries
from .resolver import MOST_OF_ONE
from .traffic import Traffic

logger = logging.getLogger(__name__)

MOST_CONNECTIONS = 256
MOST_TURNED_AWAY = 64  # more than these get no word
HEAD_BYTES = 64 * 1024

Serve = Callable[[Passage, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
ServeDirectly = Callable[[Passage, AddressBook, socket.socket], Awaitable[None]]
Report = Callable[[str, list[dict[str, Any]]], None]
Moved = Callable[[str, int, int], None]


class Outlet:
    """`serve` speaks with a program at a new connection to the proxy, `serve_directly` at one to
    an address that may stand for a name of the book; `report` gets what was decided, `moved` the
    bytes that came in and went out."""

    def __init__(
        self,
        name: str,
        policy: Policy,
        found: FoundRegistries,
        dialler: Dialler,
        serve: Serve,
        serve_directly: ServeDirectly,
        report: Report,
        moved: Moved,
    ) -> None:
        self.name = name
        self.policy = policy
        self._found = found
        self._dialler = dialler
        self._serve = serve
        self._serve_directly = serve_directly
        self._tell = report
        self.journal = Journal()
        self.traffic = Traffic(partial(moved, name))
        self.look_ups = asyncio.Semaphore(MOST_OF_ONE)
        self._server: asyncio.Server | None = None
        self.book = AddressBook()
        self._far_end: FarEnd | None = None
        self._passages: dict[asyncio.Task[None], Passage] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._turning_away = 0

    async def open(self, listener: socket.socket) -> None:
        self._server = await asyncio.start_server(self._accept, sock=listener, limit=HEAD_BYTES)

    async def open_link(self, sockets: list[socket.socket]) -> None:
        """Take over the other end of its interface, see link.ends."""
        await self._close_link()
        names = NameServer(Answering(self, self.book, self._dialler.resolver))
        self._far_end = FarEnd(self, self.book, names, self._connected)
        await self._far_end.open(sockets)
        self._follow()

    @property
    def listening(self) -> set[int]:
        """Ports at the other end of its interface."""
        return self._far_end.listening if self._far_end else set()

    @property
    def connections(self) -> int:
        return len(self._passages)

    async def may_reach(self, host: str) -> bool:
        """Whether the policy that is in force now could allow it, at whatever port."""
        if self.policy.mode == "registries":
            await self._found.wait()
        return may_reach(self.policy, self._found.now, host)

    def is_answered_for(self, host: str) -> bool:
        return is_answered_for(self.policy, host)

    def meant(self, host: str) -> str:
        """The name that an address stands for, else what was given."""
        address = as_address(host)
        return (isinstance(address, IPv4Address) and self.book.name_of(address)) or host

    def allows(self, host: str, port: int) -> bool:
        return decide(self.policy, self._found.now, host, port).allowed

    async def decide(self, host: str, port: int) -> Decision:
        """By the policy that is in force now."""
        if self.policy.mode == "registries":
            await self._found.wait()
        return decide(self.policy, self._found.now, host, port)

    def note(self, host: str, port: int, allowed: bool, reason: str) -> None:
        delay = self.journal.note(host, port, allowed, reason)
        if delay is None:
            return
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            if self._timer.when() <= loop.time() + delay:
                return
            self._timer.cancel()
        self._timer = loop.call_later(delay, self._report)

    def change(self, policy: Policy) -> int:
        self.policy = policy
        return self.review()

    def review(self) -> int:
        """End every connection that what holds now would not have let through the same way."""
        self._follow()
        ended = 0
        for task, passage in list(self._passages.items()):
            if passage.host is None:
                continue
            now = decide(self.policy, self._found.now, passage.host, passage.port)
            if now != passage.decision:
                task.cancel()
                ended += 1
        return ended

    def tell(self) -> None:
        """Report at once what was decided so far."""
        if self._timer is not None:
            self._timer.cancel()
            self._report()

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        await self._close_link()
        for task in list(self._passages):
            task.cancel()
        await asyncio.gather(*self._passages, return_exceptions=True)
        if self._timer is not None:
            self._timer.cancel()
        self._report(last=True)
        self.traffic.tell()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """From a program that knows its proxy."""
        try:
            await self._let_in(
                lambda passage: self._serve(passage, reader, writer),
                lambda: last_words(reader, writer, _too_many()),
            )
        finally:
            hang_up(writer)

    async def _connected(self, sock: socket.socket) -> None:
        """From a program that knows none."""
        try:
            port = sock.getsockname()[1]
            await self._let_in(
                lambda passage: self._serve_directly(passage, self.book, sock),
                lambda: explain(sock, port, _too_many()),
            )
        finally:
            sock.close()

    async def _let_in(
        self,
        serve: Callable[[Passage], Awaitable[None]],
        turn_away: Callable[[], Awaitable[None]],
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        try:
            if len(self._passages) < MOST_CONNECTIONS:
                passage = self._passages[task] = Passage(self, self._dialler)
                await serve(passage)
            elif self._turning_away < MOST_TURNED_AWAY:
                await self._turn_away(turn_away)
        except asyncio.CancelledError:
            pass  # the policy, or the end of the sandbox, has closed it
        except (OSError, asyncio.IncompleteReadError, EOFError):
            pass  # either side hung up
        except Exception:
            logger.exception("a connection of sandbox %s failed", self.name)
        finally:
            self._passages.pop(task, None)
            self.traffic.settle()

    async def _turn_away(self, say: Callable[[], Awaitable[None]]) -> None:
        self._turning_away += 1
        try:
            await say()
        finally:
            self._turning_away -= 1

    def _follow(self) -> None:
        if self._far_end is not None:
            self._far_end.follow(named_ports(self.policy, self._found.now))

    async def _close_link(self) -> None:
        if self._far_end is not None:
            await self._far_end.close()
            self._far_end = None

    def _report(self, last: bool = False) -> None:
        self._timer = None
        if taken := self.journal.take(last):
            self._tell(self.name, taken)


def _too_many() -> Refusal:
    return Refusal(
        503,
        f"This sandbox has {MOST_CONNECTIONS} connections open, which is the most",
        "Close some, and open fewer at once.",
    )
