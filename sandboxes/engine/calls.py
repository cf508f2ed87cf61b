"""Single calls to an agent: connect, ask, check what comes back."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import sockets
from .errors import AgentProtocolError, RequestRefused
from .running import RunningCommand

CALL_TIMEOUT = 10.0  # seconds; the agent answers in less than a millisecond unless it is stuck


def ask(
    path: Path,
    request: dict[str, Any],
    timeout: float = CALL_TIMEOUT,
    fds: list[int] | None = None,
) -> dict[str, Any]:
    """One request, one reply without descriptors."""
    connection, reply, received = _call(path, request, time.monotonic() + timeout, fds or [])
    connection.close()
    sockets.close_all(received)
    if received:
        raise AgentProtocolError("The sandbox sent descriptors that nobody asked for.")
    return reply


def start(
    path: Path, request: dict[str, Any], out_of_memory: Callable[[str], bool]
) -> RunningCommand:
    """A request whose reply hands over a command; its connection stays open for the exit."""
    deadline = time.monotonic() + CALL_TIMEOUT
    connection, reply, fds = _call(path, request, deadline, [])
    return RunningCommand(request["command"], connection, reply, fds, out_of_memory)


def fetch_socket(path: Path, request: dict[str, Any], deadline: float) -> socket.socket:
    """A request whose reply hands over one TCP socket; non-blocking."""
    connection, _, fds = _call(path, request, deadline, [])
    connection.close()
    return checked_tcp(fds)


def checked_tcp(fds: list[int]) -> socket.socket:
    """Take over the one descriptor if it is a TCP socket; raises AgentProtocolError.

    Anything else (a file, a unix socket) could lend the sandbox powers of the host.
    """
    if len(fds) == 1:
        try:
            sock = socket.socket(fileno=fds[0])
        except OSError:
            pass
        else:
            internet = sock.family in (socket.AF_INET, socket.AF_INET6)
            if internet and sock.type == socket.SOCK_STREAM and sock.proto == socket.IPPROTO_TCP:
                sock.setblocking(False)
                return sock
            sock.close()
            fds = []
    sockets.close_all(fds)
    raise AgentProtocolError("The sandbox sent something that is not a TCP socket.")


def check(reply: dict[str, Any], received: list[int]) -> None:
    """Raise RequestRefused, the descriptors closed, unless the agent has agreed."""
    if reply.get("ok") is not True:
        sockets.close_all(received)
        code, message = str(reply.get("code"))[:40], str(reply.get("message"))[:1000]
        raise RequestRefused(code, message)


def _call(
    path: Path, request: dict[str, Any], deadline: float, fds: list[int]
) -> tuple[socket.socket, dict[str, Any], list[int]]:
    connection = sockets.connect(path, deadline)
    try:
        sockets.send(connection, request, fds, deadline)
        connection.settimeout(sockets.remaining(deadline))
        reply, received = sockets.receive(connection)
        check(reply, received)
    except BaseException:
        connection.close()
        raise
    return connection, reply, received
