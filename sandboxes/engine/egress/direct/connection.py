"""One connection of a program that knows no proxy."""

from __future__ import annotations

import asyncio
import socket
import ssl
from ipaddress import IPv4Address

from ..answers import Refusal, hang_up, last_words
from ..authority import Authority
from ..interception import HEAD_SECONDS, NO_TRUST, needs_interception, requests
from ..origin import Origin
from ..passage import Passage
from ..relay import Stream
from ..tunnel import Tunnel
from .address_book import RANGE, AddressBook
from .words import speak

HEAD_BYTES = 64 * 1024


class DirectConnection:
    """It went to an address; what it is allowed is what the name of that address is, at the port,
    as for the proxy's CONNECT."""

    def __init__(
        self, passage: Passage, authority: Authority, book: AddressBook,
        sock: socket.socket,
    ) -> None:  # fmt: skip
        """It takes over the socket as soon as it speaks."""
        self.passage = passage
        self.authority = authority
        self.book = book
        self.sock = sock

    async def run(self) -> None:
        """Serve it to its end. A refusal is explained in the program's own protocol."""
        text, port = self.sock.getsockname()
        address = IPv4Address(text)
        name = self.book.name_of(address)
        if name is None:
            await self._serve(str(address), port)
            return
        with self.book.in_use(name):
            await self._serve(name, port)

    async def _serve(self, host: str, port: int) -> None:
        try:
            if stands_for_a_name(host):
                self.passage.note(host, port, False, "an address that stands for no name any more")
                raise _stale(host)
            decision = await self.passage.admit(host, port)
            if needs_interception(decision):
                await self._intercept(host, port)
                return
            far = await self.passage.reach(host, port, decision)
        except Refusal as refusal:
            await explain(self.sock, port, refusal)
            return
        near = await streams_of(self.sock)
        try:
            await Tunnel(self.passage, host, port, decision, near, far).run()
        except Refusal as refusal:
            await last_words(*near, refusal)
        finally:
            hang_up(near[1])
            far[1].close()

    async def _intercept(self, host: str, port: int) -> None:
        """Nothing has been read so far: what the program says first belongs to TLS."""
        secure = None if port == 80 else self.authority.server_context(host)
        try:
            near = await streams_of(self.sock, secure)
        except (OSError, TimeoutError):
            self.passage.note(host, port, False, NO_TRUST)
            return
        try:
            await requests(self.passage, Origin("https" if secure else "http", host, port), near)
        finally:
            hang_up(near[1])


async def streams_of(sock: socket.socket, secure: ssl.SSLContext | None = None) -> Stream:
    """Of an accepted socket that nothing was read from; it is theirs from now on. Raises OSError,
    also for TLS that fails."""
    loop = asyncio.get_running_loop()
    # What the caller still has closes nothing more, least of all while they have something to send.
    taken = socket.socket(sock.family, sock.type, sock.proto, fileno=sock.detach())
    taken.setblocking(False)
    reader = asyncio.StreamReader(limit=HEAD_BYTES)
    protocol = asyncio.StreamReaderProtocol(reader)
    patience = HEAD_SECONDS if secure else None
    transport, _ = await loop.connect_accepted_socket(
        lambda: protocol, taken, ssl=secure, ssl_handshake_timeout=patience
    )
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


async def explain(sock: socket.socket, port: int, refusal: Refusal) -> None:
    """Tell a program why, and hang up."""
    near = await streams_of(sock)
    try:
        await speak(near, port, refusal)
    finally:
        hang_up(near[1])


def stands_for_a_name(host: str) -> bool:
    """Whether it is one of the addresses that stand for names."""
    try:
        return IPv4Address(host) in RANGE
    except ValueError:
        return False


def _stale(host: str) -> Refusal:
    return Refusal(
        403,
        f"{host} stands for no name that this sandbox has asked for",
        "Look the name up again, and do not keep its address.",
    )
