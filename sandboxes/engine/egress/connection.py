"""One connection from a program in a sandbox to its proxy."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING

import h11

from .answers import Refusal, last_words, not_allowed
from .client_hello import server_name
from .decision import Decision
from .domains import normal_host
from .exchange import Exchanges
from .origin import Origin, authority_of
from .peer import HttpPeer
from .relay import CHUNK, Relay

if TYPE_CHECKING:
    from .gateway import Outlet

HEAD_SECONDS = 15.0
TLS_RECORD = 0x16


class ClientConnection:
    """`host`, `port` and `decision` are of what it is connected to now; None before that."""

    def __init__(
        self, outlet: Outlet, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.outlet = outlet
        self.reader = reader
        self.writer = writer
        self.host: str | None = None
        self.port = 0
        self.decision: Decision | None = None

    async def run(self) -> None:
        """Serve it to its end. A refusal is answered in words."""
        peer = HttpPeer(h11.SERVER, self.reader, self.writer)
        try:
            request = await peer.head(HEAD_SECONDS)
            if request is None:
                return
            if request.method == b"CONNECT":
                await self._tunnel(peer, request)
            else:
                await Exchanges(self, peer, None).run(request)
        except Refusal as refusal:
            await self.refuse(refusal)

    async def refuse(self, refusal: Refusal) -> None:
        await last_words(self.reader, self.writer, refusal)

    async def admit(self, host: str, port: int) -> Decision:
        """The decision of the policy, noted; raises Refusal when it says no."""
        decision = await self.outlet.decide(host, port)
        mode = self.outlet.policy.mode
        if not decision.allowed:
            self.outlet.note(host, port, False, "not in the policy")
            raise not_allowed(host, port, mode)
        self.host, self.port, self.decision = host, port, decision
        return decision

    async def reach(self, host: str, port: int, decision: Decision) -> tuple[
        asyncio.StreamReader, asyncio.StreamWriter
    ]:  # fmt: skip
        """Connect to what was admitted; the outcome is noted. Raises Refusal."""
        dialler = self.outlet.gateway.dialler
        mode = self.outlet.policy.mode
        try:
            addresses = await dialler.permitted(decision, host, mode, port)
        except Refusal as refusal:
            self.outlet.note(host, port, False, refusal.reason)
            raise
        self.outlet.note(host, port, True, decision.because)
        return await dialler.connect(addresses, host, port)

    async def _tunnel(self, peer: HttpPeer, request: h11.Request) -> None:
        host, port = authority_of(request.target)
        decision = await self.admit(host, port)
        if decision.rules:
            await self._intercept(peer, host, port)
            return
        far = await self.reach(host, port, decision)
        try:
            self.writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            first = peer.trailing() or await self._first_bytes()
            self._check_name(first, host)
            far[1].write(first)
            await Relay().run((self.reader, self.writer), far)
        finally:
            far[1].close()

    async def _intercept(self, peer: HttpPeer, host: str, port: int) -> None:
        """Take the place of the host, because rules look into each request."""
        if peer.trailing():
            raise Refusal(400, "The program spoke before it was answered")
        self.writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        scheme = "https"
        if port == 80:
            scheme = "http"
        else:
            context = self.outlet.gateway.authority.server_context(host)
            try:
                async with asyncio.timeout(HEAD_SECONDS):
                    await self.writer.start_tls(context)
            except (ssl.SSLError, TimeoutError):
                self.outlet.note(host, port, False, "the program does not trust the proxy")
                return
        inner = HttpPeer(h11.SERVER, self.reader, self.writer)
        try:
            head = await inner.head(HEAD_SECONDS)
            if head is not None:
                await Exchanges(self, inner, Origin(scheme, host, port)).run(head)
        except Refusal as refusal:
            await self.refuse(refusal)

    async def _first_bytes(self) -> bytes:
        async with asyncio.timeout(HEAD_SECONDS * 4):
            return await self.reader.read(CHUNK)

    def _check_name(self, first: bytes, host: str) -> None:
        """A tunnel to one host must not ask its address for another: what lies behind shared
        addresses goes by the name in the greeting."""
        if first[:1] != bytes([TLS_RECORD]):
            return
        asked = server_name(first)
        if asked is None:
            return
        try:
            asked = normal_host(asked)
        except ValueError:
            asked = asked[:80]
        if asked != host:
            self.outlet.note(asked, self.port, False, f"asked for in a tunnel to {host}")
            raise ConnectionAbortedError(f"{asked} in a tunnel to {host}")
