"""One connection from a program in a sandbox to its proxy."""

from __future__ import annotations

import asyncio
import ssl

import h11

from .answers import Refusal, last_words
from .authority import Authority
from .exchange import Exchanges
from .origin import Origin, authority_of
from .passage import Passage
from .peer import HttpPeer
from .tunnel import Tunnel

HEAD_SECONDS = 15.0


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
        if decision.rules or any(login.scheme == "https" for login in decision.logins):
            await self._intercept(peer, host, port)
            return
        far = await self.passage.reach(host, port, decision)
        try:
            self.writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            near = (self.reader, self.writer)
            await Tunnel(self.passage, host, port, decision, near, far).run(peer.trailing())
        finally:
            far[1].close()

    async def _intercept(self, peer: HttpPeer, host: str, port: int) -> None:
        """Take the place of the host, because each request has to be read."""
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
