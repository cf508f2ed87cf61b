"""Unix sockets at long paths, and messages with descriptors from a peer that may be hostile."""

from __future__ import annotations

import array
import json
import os
import select
import socket
import time
from pathlib import Path
from typing import Any, Protocol

from .errors import AgentProtocolError, AgentTimeout, EngineError, SandboxGone

MAX_MESSAGE = 192 * 1024  # one message has to fit in the kernel's default socket buffer
MAX_DESCRIPTORS = 8
MAX_ADDRESS = 100  # the kernel's limit is 107 bytes
BACKLOG = 256


class HasDescriptor(Protocol):
    def fileno(self) -> int: ...


def listen(path: Path) -> socket.socket:
    """A listening socket at `path` that only our own user may connect to."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        path.unlink(missing_ok=True)
        with Address(path) as address:
            sock.bind(address)
            os.chmod(path, 0o600)
        sock.listen(BACKLOG)
    except BaseException:
        sock.close()
        raise
    return sock


def connect(path: Path, deadline: float) -> socket.socket:
    """Connect before `deadline` (monotonic seconds); raises SandboxGone when nobody listens."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        sock.settimeout(remaining(deadline))
        with Address(path) as address:
            sock.connect(address)
    except TimeoutError:
        sock.close()
        raise AgentTimeout("The sandbox does not answer.")
    except OSError as error:
        sock.close()
        raise SandboxGone(f"The sandbox is not running any more ({error.strerror}).")
    return sock


def send(sock: socket.socket, message: dict[str, Any], fds: list[int], deadline: float) -> None:
    """Send one message before `deadline`; raises EngineError when it is too large."""
    data = json.dumps(message).encode()
    if len(data) > MAX_MESSAGE:
        raise EngineError(
            f"The request has {len(data) // 1024} KiB; a sandbox takes {MAX_MESSAGE // 1024} KiB.",
            "Write long content to a file in the sandbox and name the file instead.",
        )
    ancillary = []
    if fds:
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))]
    try:
        sock.settimeout(remaining(deadline))
        sock.sendmsg([data], ancillary, socket.MSG_NOSIGNAL)
    except TimeoutError:
        raise AgentTimeout("The sandbox does not take requests.")
    except OSError as error:
        raise SandboxGone(f"The sandbox hung up ({error.strerror}).")


def receive(
    sock: socket.socket, flags: int = 0, most: int = MAX_DESCRIPTORS
) -> tuple[dict[str, Any], list[int]]:
    """Receive one message within the socket's time-out, with so many descriptors at most; the
    caller owns them.

    Raises SandboxGone at the end, AgentTimeout, AgentProtocolError for anything malformed, and
    BlockingIOError on a non-blocking socket without a message.
    """
    space = socket.CMSG_SPACE(most * array.array("i").itemsize)
    try:
        data, ancillary, got, _ = sock.recvmsg(MAX_MESSAGE, space, flags | socket.MSG_CMSG_CLOEXEC)
    except BlockingIOError:
        raise
    except TimeoutError:
        raise AgentTimeout("The sandbox does not answer.")
    except OSError as error:
        raise SandboxGone(f"The sandbox hung up ({error.strerror}).")
    fds = _descriptors(ancillary)
    try:
        if got & (socket.MSG_TRUNC | socket.MSG_CTRUNC):
            raise AgentProtocolError("The sandbox sent more than a reply may hold.")
        if not data:
            raise SandboxGone("The sandbox hung up.")
        try:
            message = json.loads(data)
        except (ValueError, RecursionError):
            raise AgentProtocolError("The sandbox sent something that is not a reply.")
        if not isinstance(message, dict):
            raise AgentProtocolError("The sandbox sent something that is not a reply.")
    except BaseException:
        close_all(fds)
        raise
    return message, fds


def remaining(deadline: float) -> float:
    """Seconds to `deadline`, never zero: a zero time-out would mean non-blocking."""
    return max(0.001, deadline - time.monotonic())


def readable(what: int | HasDescriptor, seconds: float) -> bool:
    """Whether something can be read there, or its end, within that time. For any descriptor:
    select() takes none above 1023, and a thousand commands have six each."""
    poll = select.poll()
    poll.register(what, select.POLLIN)
    return bool(poll.poll(max(0.0, seconds) * 1000))


def close_all(fds: list[int]) -> None:
    for fd in fds:
        try:
            os.close(fd)
        except OSError:
            pass


def _descriptors(ancillary: list[tuple[int, int, bytes]]) -> list[int]:
    fds = array.array("i")
    for level, kind, content in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(content[: len(content) - len(content) % fds.itemsize])
    return list(fds)


class Address:
    """The address of a socket path; a long one goes through its directory's descriptor."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.directory = -1

    def __enter__(self) -> str:
        if len(os.fsencode(self.path)) <= MAX_ADDRESS:
            return str(self.path)
        self.directory = os.open(self.path.parent, os.O_PATH | os.O_DIRECTORY)
        return f"/proc/self/fd/{self.directory}/{self.path.name}"

    def __exit__(self, *_: object) -> None:
        if self.directory >= 0:
            os.close(self.directory)
