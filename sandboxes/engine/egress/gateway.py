"""The proxy of all sandboxes of a node: one outlet each, with its policy and its connections."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable
from typing import Any

from .answers import Refusal, last_words
from .authority import Authority
from .connection import ClientConnection
from .decision import Decision, decide
from .dial import Dialler
from .journal import Journal
from .policy import Policy
from .registries import Registries

logger = logging.getLogger(__name__)

MOST_CONNECTIONS = 256
MOST_TURNED_AWAY = 64  # more than these get no word
JOURNAL_SECONDS = 0.5
REGISTRIES_SECONDS = 20.0
HEAD_BYTES = 64 * 1024

Report = Callable[[str, list[dict[str, Any]]], None]


class Gateway:
    """Everything here runs in one loop. `report(sandbox, decisions)` gets what was decided."""

    def __init__(self, authority: Authority, dialler: Dialler, report: Report) -> None:
        self.authority = authority
        self.dialler = dialler
        self.report = report
        self.outlets: dict[str, Outlet] = {}
        self._registries = Registries()
        self._known = asyncio.Event()

    async def serve(self, name: str, listener: socket.socket, policy: Policy) -> None:
        """Take over a sandbox's listening socket."""
        await self.drop(name)
        outlet = Outlet(self, name, policy)
        self.outlets[name] = outlet
        await outlet.open(listener)

    async def change(self, name: str, policy: Policy) -> int:
        """Put a policy into force; returns how many open connections it has ended."""
        outlet = self.outlets.get(name)
        return outlet.change(policy) if outlet else 0

    async def drop(self, name: str) -> None:
        if outlet := self.outlets.pop(name, None):
            await outlet.close()

    def set_registries(self, registries: Registries) -> None:
        self._registries = registries
        self._known.set()
        for outlet in self.outlets.values():
            outlet.review()

    async def registries(self) -> Registries:
        """What has been found; while nothing has, wait for it some seconds."""
        if not self._known.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(REGISTRIES_SECONDS):
                    await self._known.wait()
        return self._registries

    @property
    def found(self) -> Registries:
        return self._registries

    async def close(self) -> None:
        for name in list(self.outlets):
            await self.drop(name)
        self.dialler.resolver.close()


class Outlet:
    """The way out of one sandbox."""

    def __init__(self, gateway: Gateway, name: str, policy: Policy) -> None:
        self.gateway = gateway
        self.name = name
        self.policy = policy
        self.journal = Journal()
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], ClientConnection] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._turning_away = 0

    async def open(self, listener: socket.socket) -> None:
        self._server = await asyncio.start_server(self._accept, sock=listener, limit=HEAD_BYTES)

    async def decide(self, host: str, port: int) -> Decision:
        """By the policy that is in force now."""
        if self.policy.mode == "registries":
            await self.gateway.registries()
        return decide(self.policy, self.gateway.found, host, port)

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
        for task, connection in list(self._connections.items()):
            if connection.host is None:
                continue
            now = decide(self.policy, self.gateway.found, connection.host, connection.port)
            if now != connection.decision:
                task.cancel()
                ended += 1
        return ended

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        if self._timer is not None:
            self._timer.cancel()
        self._report(last=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connection = ClientConnection(self, reader, writer)
        try:
            if len(self._connections) >= MOST_CONNECTIONS:
                await self._turn_away(reader, writer)
                return
            self._connections[task] = connection
            await connection.run()
        except asyncio.CancelledError:
            pass  # the policy, or the end of the sandbox, has closed it
        except (OSError, asyncio.IncompleteReadError, EOFError):
            pass  # either side hung up
        except Exception:
            logger.exception("a connection of sandbox %s failed", self.name)
        finally:
            self._connections.pop(task, None)
            _hang_up(writer)

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
            self.gateway.report(self.name, taken)


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
