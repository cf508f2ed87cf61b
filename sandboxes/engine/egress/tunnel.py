"""What goes through an allowed CONNECT: nothing that asks the host behind it for another one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

import h11

from .answers import Refusal
from .client_hello import ClientHello, ClientHelloReader, Malformed
from .decision import Decision
from .domains import WEB_PORTS, as_address, normal_host
from .exchange import Exchanges
from .hello_retry import second_greeting, server_answer
from .opening import Opening, kind_of
from .origin import Origin
from .passage import Passage
from .peer import HttpPeer
from .relay import CHUNK, IDLE_SECONDS, Relay, Stream

FIRST_SECONDS = 60.0  # until something comes
OPENING_SECONDS = 15.0  # until what comes first is whole
UNRECOGNIZED_NAME = b"\x15\x03\x03\x00\x02\x02\x70"  # TLS: a fatal alert


class TunnelRefused(Exception):
    """It is to be closed; the text says why, for the event log. `host`: which one was asked for,
    when it is another than the tunnel's."""

    def __init__(self, why: str, host: str = "") -> None:
        super().__init__(why)
        self.host = host


class Tunnel:
    """`near` leads to the program, `far` to the host and port that `decision` has allowed.

    On the ports of the web it carries TLS whose greeting names the host, and plain HTTP, which is
    read. On a port that the policy names besides it carries whatever comes, since the port itself
    was allowed; but what is TLS or HTTP there is looked at in the same way.
    """

    def __init__(
        self, passage: Passage, host: str, port: int, decision: Decision, near: Stream, far: Stream
    ) -> None:
        self.passage = passage
        self.host = host
        self.port = port
        self.decision = decision
        self.near = near
        self.far = far
        self.any_protocol = port not in WEB_PORTS

    async def run(self, first: bytes = b"") -> None:
        """To its end; the connections are the caller's to close. `first` is what has come already.

        Raises Refusal for what can be answered in words."""
        try:
            first = first or await self._first_bytes()
            if first:
                await self._open(first)
            elif self.any_protocol:
                await Relay().run(self.near, self.far)
        except TunnelRefused as refused:
            self.passage.note(refused.host or self.host, self.port, False, str(refused))

    async def _first_bytes(self) -> bytes:
        """Of the program. Empty when it has ended, or when the host speaks first, as hosts of the
        web never do: then it is no server that goes by names."""
        if not self.any_protocol:
            try:
                async with asyncio.timeout(FIRST_SECONDS):
                    return await self.near[0].read(CHUNK)
            except TimeoutError:
                raise TunnelRefused("nothing came through its tunnel") from None
        reading = asyncio.ensure_future(self.near[0].read(CHUNK))
        waiting = {reading, asyncio.ensure_future(self.far[0].read(CHUNK))}
        try:
            done, _ = await asyncio.wait(
                waiting, timeout=IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            if not done:
                raise TunnelRefused("nothing came through its tunnel")
            for said in done - {reading}:
                self.near[1].write(said.result())
            return reading.result() if reading in done else b""
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _open(self, first: bytes) -> None:
        """Nothing of it goes on before all is there that says whom it is for."""
        held = b""
        try:
            async with asyncio.timeout(OPENING_SECONDS):
                kind, first = await self._told(first)
                if kind is Opening.TLS:
                    first, held = await self._greeting(first)
        except TimeoutError:
            raise TunnelRefused("its tunnel did not say in time what it is for") from None
        if kind is Opening.HTTP:
            await self._exchanges(first)
            return
        self.far[1].write(first)
        if kind is Opening.TLS:
            await self._answer(held)
        await Relay().run(self.near, self.far)

    async def _told(self, first: bytes) -> tuple[Opening, bytes]:
        """Which protocol it is, and all that was read to tell."""
        kind = kind_of(first)
        if not self.any_protocol and kind is not Opening.TLS:
            return Opening.HTTP, first  # its parser says no to everything else
        while kind is None:
            first += await self._more()
            kind = kind_of(first)
        return kind, first

    async def _greeting(self, first: bytes) -> tuple[bytes, bytes]:
        """A greeting that names the host, and what has come behind it."""
        reader = ClientHelloReader()
        with self._alerting():
            hello = reader.feed(first)
            pieces = [first]
            while hello is None:
                pieces.append(await self._more())
                hello = reader.feed(pieces[-1])
            self._check(hello)
        sent, held = b"".join(pieces), reader.rest
        return sent[: len(sent) - len(held)], held

    async def _answer(self, held: bytes) -> None:
        """Pass on what the host says first; when it asks for another greeting, that one must name
        it too. `held` follows."""
        try:
            async with asyncio.timeout(FIRST_SECONDS):
                said, again = await server_answer(self.far[0])
                self.near[1].write(said)
                if again:
                    with self._alerting():
                        held, hello = await second_greeting(self.near[0], held)
                        if hello is not None:
                            self._check(hello)
        except TimeoutError:
            raise TunnelRefused("the TLS greetings in its tunnel came to no end") from None
        self.far[1].write(held)

    @contextlib.contextmanager
    def _alerting(self) -> Iterator[None]:
        """Tell a program in its own protocol that its greeting is refused."""
        try:
            yield
        except Malformed:
            self.near[1].write(UNRECOGNIZED_NAME)
            raise TunnelRefused("the TLS greeting in its tunnel cannot be understood") from None
        except TunnelRefused:
            self.near[1].write(UNRECOGNIZED_NAME)
            raise

    async def _more(self) -> bytes:
        if data := await self.near[0].read(CHUNK):
            return data
        raise TunnelRefused("its tunnel ended before it had said what it is for")

    def _check(self, hello: ClientHello) -> None:
        asked = hello.server_name
        if asked is None:
            if as_address(self.host) is None:
                raise TunnelRefused("the TLS greeting in its tunnel names no host")
        elif (other := _normal(asked)) != self.host:
            raise TunnelRefused(f"asked for in a tunnel to {self.host}", other)
        if hello.hides and not self.decision.any_host:
            raise TunnelRefused(
                "the TLS greeting in its tunnel may hide another host (encrypted client hello)"
            )

    async def _exchanges(self, first: bytes) -> None:
        """Plain HTTP, read request by request."""
        origin = Origin("http", self.host, self.port)
        peer = HttpPeer(h11.SERVER, *self.near)
        peer.connection.receive_data(first)
        try:
            request = await peer.head(OPENING_SECONDS)
        except Refusal:
            why = "what came through its tunnel is neither TLS nor plain HTTP/1.1"
            self.passage.note(self.host, self.port, False, why)
            raise
        upstream = (origin, self.decision, HttpPeer(h11.CLIENT, *self.far))
        await Exchanges(self.passage, peer, origin, upstream).run(request)


def _normal(asked: str) -> str:
    try:
        return normal_host(asked)
    except ValueError:
        raise TunnelRefused("the TLS greeting in its tunnel asks for what is no host") from None
