"""Opening the link of a sandbox that runs."""

from __future__ import annotations

import array
import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

from .. import sockets as unix
from ..errors import EngineError
from ..spec import Level, SandboxHandle
from . import ends
from .wiring import wire

START = "import sys; sys.path.insert(0, sys.argv[1]); from link.program import main; main()"
PACKAGE = Path(__file__).parent
SECONDS = 20.0


def open_link(handle: SandboxHandle) -> list[socket.socket]:
    """Give a sandbox its interface; the sockets at the other end, in the order of `ends`. One that
    it has already is replaced. Blocks; raises EngineError."""
    if handle.level != Level.FULL:
        raise EngineError("A sandbox of this level has no network of its own.")
    try:
        namespace = os.open(f"/proc/{handle.pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            return _in_thread(namespace) if os.geteuid() == 0 else _in_process(namespace)
        finally:
            os.close(namespace)
    except OSError as error:
        raise EngineError(
            f"The interface of the sandbox could not be made ({error.strerror}).",
            "It takes the kernel's virtual Ethernet pairs: modprobe veth. Until then programs "
            "have to use the proxy of the variables HTTP_PROXY and HTTPS_PROXY.",
        ) from None


def _in_thread(namespace: int) -> list[socket.socket]:
    """As root: in a thread, which leaves the process's network namespace and ends."""
    opened: list[socket.socket] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            opened.extend(wire(namespace, enter_owner=False))
        except BaseException as error:  # handed on to the caller
            failure.append(error)

    thread = threading.Thread(target=run, name="link")
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return opened


def _in_process(namespace: int) -> list[socket.socket]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", START, str(PACKAGE.parent),
             str(theirs.fileno()), str(namespace)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            pass_fds=[theirs.fileno(), namespace], cwd="/", env={}, start_new_session=True,
        )  # fmt: skip
        theirs.close()
        try:
            if not unix.readable(ours, SECONDS):
                raise EngineError("The interface of the sandbox was not made in time.")
            space = socket.CMSG_SPACE(ends.MOST_SOCKETS * 4)
            data, rights, *_ = ours.recvmsg(4096, space, socket.MSG_CMSG_CLOEXEC)
        finally:
            process.kill()
            process.wait()
    numbers = array.array("i")
    for _, _, content in rights:
        numbers.frombytes(content[: len(content) - len(content) % numbers.itemsize])
    problem = json.loads(data) if data else [0, "its program has ended"]
    if problem:
        raise OSError(*problem)
    return [socket.socket(fileno=number) for number in numbers]
