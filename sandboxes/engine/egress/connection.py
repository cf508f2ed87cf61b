"""One connection from a program in a sandbox to its proxy."""

from __future__ import annotations

import asyncio
import ssl

import h11

from .answers import Refusal, last_words
from .authority import Authority
from .client_hello import server_name
from .domains import normal_host
from .exchange import Exchanges
from .origin import Origin, authority_of
from .passage import Passage
from .peer import HttpPeer
from .relay import CHUNK, Relay

HEAD_SECONDS = 15.0
TLS_RECORD = 0x16


class ClientConnection:
    """`authority` signs for the hosts whose requests the policy's rules look into."""

    def __init__(
        self, passage: Passage, authority: Authority,
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter,
    ) -> None:  # fmt: skip
        self.passage = passage
        self.authority = authority
        self.reader = reader
        self.writer = writer

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
                await Exchanges(self.passage, peer, None).run(request)
        except Refusal as refusal:
            await last_words(self.reader, self.writer, refusal)

    async def _tunnel(self, peer: HttpPeer, request: h11.Request) -> None:
        host, port = authority_of(request.target)
        decision = await self.passage.admit(host, port)
        if decision.rules:
            await self._intercept(peer, host, port)
            return
        far = await self.passage.reach(host, port, decision)
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
            context = self.authority.server_context(host)
            try:
                async with asyncio.timeout(HEAD_SECONDS):
                    await self.writer.start_tls(context)
            except (ssl.SSLError, TimeoutError):
                self.passage.note(host, port, False, "the program does not trust the proxy")
                return
        inner = HttpPeer(h11.SERVER, self.reader, self.writer)
        try:
            head = await inner.head(HEAD_SECONDS)
            if head is not None:
                await Exchanges(self.passage, inner, Origin(scheme, host, port)).run(head)
        except Refusal as refusal:
            await last_words(self.reader, self.writer, refusal)

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
            self.passage.note(asked, self.passage.port, False, f"asked for in a tunnel to {host}")
            raise ConnectionAbortedError(f"{asked} in a tunnel to {host}")
