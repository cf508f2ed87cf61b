"""The proxy of all sandboxes of a node: one outlet each, with its policy and its connections."""

from __future__ import annotations

import asyncio
import socket

from .authority import Authority
from .connection import ClientConnection
from .dial import Dialler
from .outlet import Moved, Outlet, Report
from .passage import Passage
from .policy import Policy
from .registries import FoundRegistries, Registries


class Gateway:
    """Everything here runs in one loop. `report(sandbox, decisions)` gets what was decided,
    `moved(sandbox, ingress, egress)` how many bytes went between it and the outside."""

    def __init__(
        self, authority: Authority, dialler: Dialler, report: Report, moved: Moved
    ) -> None:
        self.authority = authority
        self.dialler = dialler
        self.report = report
        self.moved = moved
        self.outlets: dict[str, Outlet] = {}
        self.found = FoundRegistries()

    async def serve(self, name: str, listener: socket.socket, policy: Policy) -> None:
        """Take over a sandbox's listening socket."""
        await self.drop(name)
        outlet = Outlet(
            name, policy, self.found, self.dialler, self._serve, self.report, self.moved
        )
        self.outlets[name] = outlet
        await outlet.open(listener)

    async def change(self, name: str, policy: Policy) -> int:
        """Put a policy into force; returns how many open connections it has ended."""
        outlet = self.outlets.get(name)
        return outlet.change(policy) if outlet else 0

    def settle(self, name: str) -> None:
        """Tell at once what has moved so far."""
        if outlet := self.outlets.get(name):
            outlet.traffic.tell()

    async def drop(self, name: str) -> None:
        if outlet := self.outlets.pop(name, None):
            await outlet.close()

    def set_registries(self, registries: Registries) -> None:
        self.found.set(registries)
        for outlet in self.outlets.values():
            outlet.review()

    async def _serve(
        self, passage: Passage, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await ClientConnection(passage, self.authority, reader, writer).run()

    async def close(self) -> None:
        for name in list(self.outlets):
            await self.drop(name)
        self.dialler.resolver.close()
