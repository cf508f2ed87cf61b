"""The sockets of a sandbox's name server: UDP, and TCP for who prefers it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct

from .answering import Answering

AT_ONCE = 32  # datagrams, before others have their turn
MOST_UNDER_WAY = 64  # answers that wait for a look-up
MOST_CONNECTIONS, MOST_QUESTIONS, IDLE_SECONDS = 16, 64, 10.0
MOST_BYTES, LENGTH = 2048, struct.Struct("!H")
IP_PKTINFO = 8  # linux/in.h; the `socket` of Python has no name for it before 3.14
PACKET_INFO = struct.Struct("=i4s4s")
SPACE = socket.CMSG_SPACE(PACKET_INFO.size)


class NameServer:
    """Answers whatever address a question was sent to: every server is this one."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._datagrams: socket.socket | None = None
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._connections: set[asyncio.Task[None]] = set()

    async def open(self, datagrams: socket.socket, streams: socket.socket) -> None:
        """Takes over both sockets."""
        datagrams.setblocking(False)
        self._datagrams = datagrams
        asyncio.get_running_loop().add_reader(datagrams, self._readable)
        self._server = await asyncio.start_server(self._connected, sock=streams, limit=MOST_BYTES)

    async def close(self) -> None:
        if self._datagrams is not None:
            asyncio.get_running_loop().remove_reader(self._datagrams)
            self._datagrams.close()
        if self._server is not None:
            self._server.close()
        for task in (waiting := {*self._tasks, *self._connections}):
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    def _readable(self) -> None:
        assert self._datagrams is not None
        for _ in range(AT_ONCE):
            try:
                data, more, _, sender = self._datagrams.recvmsg(MOST_BYTES, SPACE)
            except OSError:
                return
            if self._answering.is_too_much() or len(self._tasks) >= MOST_UNDER_WAY:
                continue
            task = asyncio.get_running_loop().create_task(self._answer(data, _asked(more), sender))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _answer(self, data: bytes, asked: bytes, sender: tuple[str, int]) -> None:
        answer = await self._answering.answer(data)
        if answer is None or self._datagrams is None:
            return
        # From where it was sent to, or nobody takes it for an answer.
        info = PACKET_INFO.pack(0, asked, b"\0" * 4)
        with contextlib.suppress(OSError):
            self._datagrams.sendmsg([answer], [(socket.IPPROTO_IP, IP_PKTINFO, info)], 0, sender)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        try:
            if len(self._connections) < MOST_CONNECTIONS:
                self._connections.add(task)
                await self._converse(reader, writer)
        except (OSError, EOFError, TimeoutError, asyncio.CancelledError):
            pass
        finally:
            self._connections.discard(task)
            writer.transport.abort() if writer.transport.is_closing() else writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(MOST_QUESTIONS):
            async with asyncio.timeout(IDLE_SECONDS):
                (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
                if length > MOST_BYTES:
                    return
                data = await reader.readexactly(length)
            if self._answering.is_too_much():
                return
            answer = await self._answering.answer(data)
            if answer is None:
                return
            writer.write(LENGTH.pack(len(answer)) + answer)
            async with asyncio.timeout(IDLE_SECONDS):
                await writer.drain()


def _asked(more: list[tuple[int, int, bytes]]) -> bytes:
    """The address that a datagram was sent to."""
    for level, kind, content in more:
        if (level, kind) == (socket.IPPROTO_IP, IP_PKTINFO):
            return bytes(PACKET_INFO.unpack_from(content)[2])
    return b"\0" * 4
