"""Connections to servers inside sandboxes. No name is ever resolved: the engine hands out
connected sockets, so a preview can reach nothing but a port of its own sandbox.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from functools import cache
from typing import Any, cast

import httpcore

from sandboxes.engine import AgentClient
from sandboxes.models import Sandbox
from sandboxes.preview.access import Access
from sandboxes.preview.host import Target
from sandboxes.services import asking, ports
from vibe.refusal import Refusal

CONNECT_TIMEOUT = 2.0  # seconds, inside the sandbox
DEADLINE = 5.0  # seconds, for the whole way there
READ_AHEAD = 32 * 1024  # bytes; twice as many may wait to be read
TLS_DEADLINE = 2.0
ALERT = b"\x15"  # the first byte of a record of TLS that refuses what came
LISTENING_DEADLINE = 1.0


class NoConnection(Exception):
    """The sandbox could not be reached in time, though it is said to run."""


class NotEncrypted(Exception):
    """Something listens, and it does not speak TLS."""


async def way_to(target: Target) -> AgentClient:
    """Who leads to the target's port while its sandbox's present session lasts. Raises Refusal."""
    return await ports.way_to(target.sandbox_id, target.port)


async def open_socket(target: Target, way: AgentClient | None = None) -> socket.socket:
    """Return a socket connected to the target's port. way: as of `way_to`, if it is known.

    Raises Refusal (not running, not found), ConnectionRefusedError (nothing listens there),
    NoConnection (no answer in time, or the sandbox's end of the line is gone).
    """
    try:
        async with asyncio.timeout(DEADLINE):
            way = way or await way_to(target)
            return await ports.reach_by(way, target.port, CONNECT_TIMEOUT)
    except ConnectionRefusedError:
        raise
    except (TimeoutError, OSError) as error:
        raise NoConnection from error


async def open_stream(target: Target, *, tls: bool = False) -> SocketStream:
    """As `open_socket`, for httpcore to read and write. Raises NotEncrypted when the server does
    not answer to TLS.
    """
    connected = await open_socket(target)
    try:
        if not tls:
            return SocketStream(*await asyncio.open_connection(sock=connected, limit=READ_AHEAD))
        async with asyncio.timeout(TLS_DEADLINE):
            return SocketStream(
                *await asyncio.open_connection(
                    sock=connected, limit=READ_AHEAD, ssl=_unverified(), server_hostname="localhost"
                )
            )
    except (OSError, EOFError) as error:  # a TimeoutError and an SSLError are OSErrors
        connected.close()
        raise NotEncrypted if tls else NoConnection from error
    except BaseException:
        connected.close()
        raise


@cache
def _unverified() -> ssl.SSLContext:
    """For servers in sandboxes, whose certificates they have made themselves: who is asked is
    known by the way there, and TLS is what they speak, not what protects anybody."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["http/1.1"])
    return context


async def listening(known: Access) -> tuple[int, ...]:
    """The ports of the sandbox that visitors may open and servers listen on; none in doubt."""
    try:
        async with asyncio.timeout(LISTENING_DEADLINE):
            found = await asking.ask(known.owner_id, _listening, known.sandbox_id)
    except (TimeoutError, OSError, Refusal):
        return ()
    return tuple(found)


def _listening(sandbox_id: str) -> list[int]:
    sandbox = Sandbox.objects.filter(pk=sandbox_id, deleted_at=None).first()
    return ports.listening(sandbox) if sandbox else []


class SocketStream(httpcore.AsyncNetworkStream):
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._first = b""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            if timeout is None:
                data = await self._reader.read(max_bytes)
            else:
                async with asyncio.timeout(timeout):
                    data = await self._reader.read(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout from error
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error
        self._first = self._first or data[:1]
        return data

    def drained(self) -> int | None:
        """The number of its socket, once all that has come is read; nothing more comes here until
        `resume`. None before that, and always where it is encrypted."""
        transport, reader = cast(Any, self._writer.transport), cast(Any, self._reader)
        if transport.get_extra_info("ssl_object") or transport.is_closing() or reader.at_eof():
            return None
        transport.pause_reading()
        return None if reader._buffer else int(transport.get_extra_info("socket").fileno())

    def resume(self) -> None:
        """Read on after all."""
        cast(Any, self._writer.transport).resume_reading()

    def may_want_tls(self) -> bool:
        """Whether it has been told nothing but, perhaps, an alert of TLS."""
        return self._first in (b"", ALERT)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            async with asyncio.timeout(timeout):
                self._writer.write(buffer)
                await self._writer.drain()
        except TimeoutError as error:
            raise httpcore.WriteTimeout from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    async def aclose(self) -> None:
        # Not awaited: a peer that does not read must not hold the close up.
        self.abort()

    def abort(self) -> None:
        """Cut it, whatever is going on."""
        self._writer.transport.abort()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise httpcore.UnsupportedProtocol("Previewed servers are reached without TLS.")

    def get_extra_info(self, info: str) -> Any:
        # httpcore asks this of idle connections: has the server hung up?
        if info == "is_readable":
            return self._reader.at_eof() or self._writer.transport.is_closing()
        return None
