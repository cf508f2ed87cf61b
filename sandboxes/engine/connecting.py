"""The way to a port in a sandbox, for an event loop: nothing here blocks or goes on for ever."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

from . import calls, sockets
from .errors import AgentTimeout, RequestRefused, SandboxGone

# Between two knocks at an agent whose queue is full.
FIRST_PAUSE, LONGEST_PAUSE = 0.002, 0.1
# 127.0.0.1, ::1, and whichever address the port listens on.
FAMILIES = (4, 6, 0)


async def connect(path: Path, port: int, timeout: float) -> socket.socket:
    """A socket connected to 127.0.0.1, else ::1, else another address on which the port listens,
    in the sandbox of the agent at `path`.

    Raises ConnectionRefusedError when nothing listens, TimeoutError, and what AgentClient raises.
    """
    deadline = time.monotonic() + timeout
    for family in FAMILIES:
        try:
            sock = await _asked_for(path, port, family, deadline)
        except RequestRefused as refusal:
            if refusal.code != "refused":
                raise
            continue
        if await _established(sock, deadline):
            return sock
    raise ConnectionRefusedError(f"Nothing listens on port {port} in the sandbox.")


async def _asked_for(path: Path, port: int, family: int, deadline: float) -> socket.socket:
    """The connecting socket that the agent hands over."""
    with await _agent(path, deadline) as connection:
        # An empty connection takes a message of this size at once.
        sockets.send(connection, {"op": "connect", "port": port, "family": family}, [], deadline)
        connection.setblocking(False)
        loop = asyncio.get_running_loop()
        await _until(loop.add_reader, loop.remove_reader, connection, deadline)
        reply, received = sockets.receive(connection, socket.MSG_DONTWAIT)
        calls.check(reply, received)
    return calls.checked_tcp(received)


async def _agent(path: Path, deadline: float) -> socket.socket:
    """A connection to the agent. Of a unix socket whose queue is full nobody can wait for the
    end, so it is tried again."""
    pause = FIRST_PAUSE
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    connection.setblocking(False)
    try:
        while True:
            try:
                with sockets.Address(path) as address:
                    connection.connect(address)
                return connection
            except BlockingIOError:
                if time.monotonic() + pause >= deadline:
                    raise AgentTimeout("The sandbox does not answer.") from None
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
    except OSError as error:
        connection.close()
        raise SandboxGone(f"The sandbox is not running any more ({error.strerror}).") from None
    except BaseException:
        connection.close()
        raise


async def _established(sock: socket.socket, deadline: float) -> bool:
    """Wait until a connecting socket has connected; False when it was refused."""
    loop = asyncio.get_running_loop()
    try:
        try:
            await _until(loop.add_writer, loop.remove_writer, sock, deadline)
        except AgentTimeout:
            raise TimeoutError("The connection into the sandbox took too long.") from None
        number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        try:
            if number == 0:
                sock.getpeername()  # a hostile agent may send a socket that never connected
                return True
        except OSError as error:
            number = error.errno or errno.EIO
    except BaseException:
        sock.close()
        raise
    sock.close()
    if number in (errno.ECONNREFUSED, errno.EADDRNOTAVAIL, errno.ENOTCONN, errno.ENETUNREACH):
        return False
    raise OSError(number, os.strerror(number))


async def _until(
    add: Callable[..., None],
    remove: Callable[[socket.socket], object],
    sock: socket.socket,
    deadline: float,
) -> None:
    """Return when the loop's `add` has called. Raises AgentTimeout."""
    ready = asyncio.Event()
    add(sock, ready.set)
    try:
        async with asyncio.timeout(sockets.remaining(deadline)):
            await ready.wait()
    except TimeoutError:
        raise AgentTimeout("The sandbox does not answer.") from None
    finally:
        remove(sock)
