"""One connection from a program in a sandbox to its proxy."""

from __future__ import annotations

import asyncio

import h11

from .answers import Refusal, last_words
from .authority import Authority
from .exchange import Exchanges
from .interception import HEAD_SECONDS, intercept, needs_interception
from .origin import authority_of
from .passage import Passage
from .peer import HttpPeer
from .tunnel import Tunnel

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


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
        host = self.passage.meant(host)
        decision = await self.passage.admit(host, port)
        if needs_interception(decision):
            if peer.trailing():
                raise Refusal(400, "The program spoke before it was answered")
            self.writer.write(ESTABLISHED)
            near = (self.reader, self.writer)
            await intercept(self.passage, self.authority, host, port, near)
            return
        far = await self.passage.reach(host, port, decision)
        try:
            self.writer.write(ESTABLISHED)
            near = (self.reader, self.writer)
            await Tunnel(self.passage, host, port, decision, near, far).run(peer.trailing())
        finally:
            far[1].close()
