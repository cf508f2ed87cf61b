"""Opening the link of a sandbox that runs."""

from __future__ import annotations

import errno
import os
import resource
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from .. import processes
from .. import sockets as unix
from ..errors import EngineError
from ..spec import Level, SandboxHandle
from . import ends
from .wiring import wire

START = "import sys; sys.path.insert(0, sys.argv[1]); from link.program import main; main()"
PACKAGE = Path(__file__).parent
SECONDS = 20.0
CLOSED_AT_EXEC = socket.MSG_CMSG_CLOEXEC
HINT = (
    "It takes virtual Ethernet pairs (modprobe veth) and a network namespace more for each sandbox "
    "(user.max_net_namespaces). Until then programs have to use the proxy that HTTP_PROXY and "
    "HTTPS_PROXY name."
)


class Opening:
    """One attempt. Made ahead of the sandbox, it is ready by the time that it is one."""

    def __init__(self) -> None:
        # As root it takes a thread, which leaves the process's network namespace, and ends.
        self._helper = None if os.geteuid() == 0 else _Helper()
        self._sockets: list[socket.socket] = []
        self._problem: BaseException | None = None
        self._thread: threading.Thread | None = None

    def begin(self, pid: int, is_it: Callable[[], bool] = lambda: True) -> None:
        """In the background. `pid` is a process of the sandbox, as long as `is_it` says so."""
        self._thread = threading.Thread(target=self._run, args=(pid, is_it), name="link")
        self._thread.start()

    def sockets(self) -> list[socket.socket]:
        """In the order of `ends`, for the caller to close. Blocks; raises EngineError."""
        assert self._thread is not None, "begin comes first"
        self._thread.join()
        if isinstance(self._problem, OSError):
            raise EngineError(
                f"Its interface could not be made ({self._problem.strerror}).", HINT
            ) from None
        if self._problem is not None:
            raise self._problem
        return self._sockets

    def close(self) -> None:
        """What is open of it; fine to repeat."""
        if self._thread is not None:
            self._thread.join()
        elif self._helper is not None:
            self._helper.close()
        for sock in self._sockets:
            sock.close()

    def _run(self, pid: int, is_it: Callable[[], bool]) -> None:
        try:
            _check_room()
            namespace = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
            try:
                # Nobody else's network gets an interface, whoever has that number by now.
                own = os.path.samestat(os.fstat(namespace), os.stat("/proc/self/ns/net"))
                if own or not is_it():
                    raise EngineError("The sandbox is over, or has no network of its own.")
                if self._helper is None:
                    self._sockets = wire(namespace, enter_owner=False)
                else:
                    self._sockets = self._helper.wire(namespace)
            finally:
                os.close(namespace)
        except BaseException as problem:  # for who asks for the sockets
            self._problem = problem
        finally:
            if self._helper is not None:
                self._helper.close()


def _check_room() -> None:
    """Commands and connections need descriptors more. Raises EngineError."""
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if len(os.listdir("/proc/self/fd")) > most // 2:
        raise EngineError(
            f"Its interface was not made: half of the {most} files that may be open are.",
            "Raise the limit of the platform (LimitNOFILE of its unit).",
        )


class _Helper:
    """The program of link.program."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", START, str(PACKAGE.parent),
                 str(theirs.fileno())],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()], cwd="/", env={}, start_new_session=True,
            )  # fmt: skip

    def wire(self, namespace: int) -> list[socket.socket]:
        """Once. Raises OSError and EngineError."""
        socket.send_fds(self._control, [b"wire"], [namespace])
        if not unix.readable(self._control, SECONDS):
            raise EngineError("The interface of the sandbox was not made in time.")
        data, numbers, *_ = socket.recv_fds(self._control, 4096, ends.SOCKETS, CLOSED_AT_EXEC)
        sockets = [socket.socket(fileno=number) for number in numbers]
        problem = int(data or errno.ESRCH)
        if problem:
            raise OSError(problem, os.strerror(problem))
        return sockets

    def close(self) -> None:
        self._control.close()
        self._process.kill()
        self._process.wait()


# Begun while the sandbox starts, by its first process; whoever wants it later finds it made.
_ahead: dict[int, Opening] = {}


def keep(pid: int, opening: Opening) -> None:
    """Of a sandbox that is starting, for open_link to find."""
    forget(pid)  # of another sandbox, whose number has come back
    _ahead[pid] = opening


def forget(pid: int) -> None:
    """The sandbox is over; fine to repeat."""
    if opening := _ahead.pop(pid, None):
        opening.close()


def open_link(handle: SandboxHandle) -> list[socket.socket]:
    """The sockets at the other end of a running sandbox's interface, in the order of `ends`. It
    gets a new one unless that was begun at its start and nobody has it yet. Blocks; raises
    EngineError."""
    if handle.level != Level.FULL:
        raise EngineError("A sandbox of this level has no network of its own.")
    opening = _ahead.pop(handle.pid, None)
    if opening is None:
        opening = Opening()
        same = (handle.pid, handle.pid_started, handle.boot_id)
        opening.begin(handle.pid, lambda: processes.is_same(*same))
    return opening.sockets()
