"""The proxy of all sandboxes of a node: one outlet each, with its policy and its connections."""

from __future__ import annotations

import asyncio
import socket

from .authority import Authority
from .connection import ClientConnection
from .dial import Dialler
from .direct.address_book import AddressBook
from .direct.connection import DirectConnection
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
        ways = (self._serve, self._serve_directly)
        outlet = Outlet(name, policy, self.found, self.dialler, *ways, self.report, self.moved)
        self.outlets[name] = outlet
        await outlet.open(listener)

    async def serve_link(self, name: str, sockets: list[socket.socket]) -> None:
        """Take over the other end of a sandbox's interface, see link.ends."""
        if outlet := self.outlets.get(name):
            await outlet.open_link(sockets)
            return
        for sock in sockets:
            sock.close()

    async def change(self, name: str, policy: Policy) -> int:
        """Put a policy into force; returns how many open connections it has ended."""
        outlet = self.outlets.get(name)
        return outlet.change(policy) if outlet else 0

    def tell(self, name: str) -> None:
        """Report at once what was decided for a sandbox so far."""
        if outlet := self.outlets.get(name):
            outlet.tell()

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

    async def _serve_directly(
        self, passage: Passage, book: AddressBook, sock: socket.socket
    ) -> None:
        await DirectConnection(passage, self.authority, book, sock).run()

    async def close(self) -> None:
        for name in list(self.outlets):
            await self.drop(name)
        self.dialler.resolver.close()
