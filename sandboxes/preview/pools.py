"""Kept-alive connections to servers in sandboxes.

Browsers leave at any moment, and then whatever was going on is cancelled. So a connection belongs
to one request at a time and is kept afterwards only if it is at rest; whichever is not is cut.
Nothing else counts connections, so none can be lost. (httpcore's own pool loses a place for good
when a request is cancelled at the wrong moment.)
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import httpcore
from django.conf import settings

from sandboxes.preview.access import Access
from sandboxes.preview.asking import Ask, only_speaks_tls
from sandboxes.preview.host import Target
from sandboxes.preview.kept_wires import KeptWires
from sandboxes.preview.upstream import NoConnection, NotEncrypted, SocketStream, open_stream
from sandboxes.preview.wire import Wire

IDLE_AFTER = 30.0  # seconds
# A server that has answered to plain HTTP so lately is not asked whether it speaks TLS.
PLAIN_FOR = 10.0
ORIGIN = httpcore.Origin(b"http", b"sandbox", 80)


class TurnedEncrypted(Exception):
    """The server speaks TLS, as is known only now; the request cannot be sent again."""


@dataclass(frozen=True)
class Connection:
    """One connection, and the stream below it, which can be cut in any state."""

    http: httpcore.AsyncHTTP11Connection
    stream: SocketStream
    tls: bool
    kept: bool = False  # it has carried a request before

    def is_at_rest(self) -> bool:
        return self.http.is_idle() and not self.http.has_expired()


@dataclass
class Pool:
    """The connections to one port of one session of a sandbox that carry nothing now."""

    target: Target
    session_id: str
    loop: asyncio.AbstractEventLoop
    idle: deque[Connection] = field(default_factory=deque)
    wires: KeptWires = field(init=False)  # likewise, those of the short road
    used_at: float = field(default_factory=time.monotonic)
    # What the server speaks, as far as it has shown: TLS, or when last it answered without.
    tls: bool = False
    plain_at: float = float("-inf")
    closed: bool = False
    is_odd: bool = False  # its answers are not for `quick.heads`
    _trying: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.wires = KeptWires(self.target, self.loop)

    @asynccontextmanager
    async def exchange(self, ask: Ask, *, fresh: bool = False) -> AsyncIterator[httpcore.Response]:
        """The answer to a request, to be read within. fresh: on a connection that is kept for
        nothing else, before or after.

        Raises what httpcore raises, what upstream.open_stream raises, and TurnedEncrypted.
        """
        connection = await (self._new() if fresh else self._take())
        try:
            while True:
                try:
                    answer = await connection.http.handle_async_request(ask.make(connection.tls))
                    refused, response = False, answer
                    if self._may_speak_tls(connection):
                        refused, response = await only_speaks_tls(answer)
                except (httpcore.RemoteProtocolError, httpcore.NetworkError):
                    again = connection.kept or connection.stream.may_want_tls()
                    following = await self._instead(connection, ask) if again else None
                    if following is None:
                        raise
                else:
                    following = await self._instead(connection, ask) if refused else None
                if following is None:
                    break
                connection.stream.abort()
                connection = following
            self.tls = connection.tls
            self.plain_at = float("-inf") if self.tls else time.monotonic()
            yield response
            await answer.aclose()
        finally:
            self._give_back(connection)

    def close(self) -> None:
        self.closed = True
        while self.idle:
            self._cut(self.idle.pop())
        self.wires.close()

    @property
    def is_plain(self) -> bool:
        """Whether the server has answered lately, without TLS, and as most do."""
        lately = time.monotonic() - self.plain_at < PLAIN_FOR
        return not (self.tls or self.is_odd) and (lately or bool(self.wires))

    def answered_plainly(self) -> None:
        self.used_at = self.plain_at = time.monotonic()

    def keep_wire(self, wire: Wire) -> None:
        """Take a connection back after an answer that was whole."""
        room = len(self.idle) + len(self.wires) < settings.PREVIEW_REQUESTS
        if room and not self.closed:
            self.wires.keep(wire)
        else:
            wire.cut()

    async def _take(self) -> Connection:
        while self.idle:
            connection = self.idle.pop()
            if connection.is_at_rest():
                return connection
            self._cut(connection)
        return await self._new()

    async def _new(self) -> Connection:
        try:
            if self.tls:
                try:
                    return await self._connected(tls=True)
                except NotEncrypted:  # another server has taken its place
                    self.tls = False
            return await self._connected(tls=False)
        except ConnectionRefusedError:
            self.tls, self.plain_at = False, float("-inf")
            raise

    async def _connected(self, *, tls: bool) -> Connection:
        stream = await open_stream(self.target, tls=tls)
        http = httpcore.AsyncHTTP11Connection(ORIGIN, stream, IDLE_AFTER)
        return Connection(http, stream, tls)

    def _may_speak_tls(self, connection: Connection) -> bool:
        recently = time.monotonic() - self.plain_at < PLAIN_FOR
        return not (connection.tls or connection.kept or recently)

    async def _instead(self, connection: Connection, ask: Ask) -> Connection | None:
        """A connection on which a request may fare better that has failed on this one."""
        if connection.kept:
            # The server closed it just as it was used again.
            return await self._new() if ask.may_retry else None
        if not self._may_speak_tls(connection):
            return None
        async with self._trying:
            if not self.tls and not self._may_speak_tls(connection):
                return None  # as whoever failed beside this one has found
            try:
                encrypted = await self._connected(tls=True)
            except (NotEncrypted, NoConnection, ConnectionRefusedError):
                self.plain_at = time.monotonic()
                return None
            self.tls = True
        if ask.can_repeat():
            return encrypted
        encrypted.stream.abort()
        raise TurnedEncrypted

    def _give_back(self, connection: Connection) -> None:
        self.used_at = time.monotonic()
        room = len(self.idle) < settings.PREVIEW_REQUESTS
        if room and not self.closed and connection.is_at_rest():
            self.idle.append(replace(connection, kept=True))
        else:
            connection.stream.abort()

    def _cut(self, connection: Connection) -> None:
        # Connections of a loop that has ended ended with it.
        if not self.loop.is_closed():
            connection.stream.abort()


_pools: dict[Target, Pool] = {}


def plain(target: Target, access: Access) -> Pool | None:
    """The pool of the target's present session, if its server is known to speak no TLS."""
    pool = _pools.get(target)
    if pool is None or pool.session_id != access.session_id or not pool.is_plain:
        return None
    return pool if pool.loop is asyncio.get_running_loop() else None


def of(target: Target, access: Access) -> Pool:
    """The pool of the target's present session; what belongs to an earlier one is closed."""
    _drop_stale()
    pool = _pools.get(target)
    loop = asyncio.get_running_loop()
    if pool is not None and (pool.session_id != access.session_id or pool.loop is not loop):
        drop(target.sandbox_id)
        pool = None
    if pool is None:
        pool = _pools[target] = Pool(target, access.session_id, loop)
    pool.used_at = time.monotonic()
    return pool


def drop(sandbox_id: str) -> None:
    """Close all idle connections of a sandbox that stopped or was deleted."""
    for target in [t for t in _pools if t.sandbox_id == sandbox_id]:
        _pools.pop(target).close()


def _drop_stale() -> None:
    before = time.monotonic() - IDLE_AFTER
    for target in [t for t, pool in _pools.items() if pool.used_at < before]:
        _pools.pop(target).close()
