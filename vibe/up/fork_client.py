"""`up`'s side of the process that its Python programs are forked from."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path

from vibe.up.process_title import ROOM
from vibe.up.spawning import Process, Program, execute

MESSAGE_LIMIT = 64 * 1024
POLL = 0.05
# What each further step towards the end of a program waits, once the server has died: the kernel
# asks it once, and one that has missed that would keep its place, port and queue for ever.
ENDING = ((signal.SIGTERM, 6.0), (signal.SIGKILL, 6.0))


class ForkClient:
    """A `Spawn` that forks Python programs from a process which has loaded their libraries.

    What that process cannot start, because it is none of Python's, because the platform is no
    Linux, or because the process has died, is executed as any other program.
    server: how to start that process; every program has its environment and its directory.
    """

    def __init__(self, server: Program) -> None:
        self._server = server
        self._process: Process | None = None
        self._control: socket.socket | None = None
        self._numbers = count()
        self._asked: dict[int, asyncio.Future[Process]] = {}
        self._running: dict[int, ForkedProcess] = {}

    async def start(self) -> None:
        """Start the server; it loads while other things are done."""
        if sys.platform != "linux":
            return
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        nothing = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
        program = replace(self._server, argv=[*self._server.argv, ROOM])
        try:
            # Its end of the socket is its standard input. What keeps it from loading keeps the
            # programs from it too, and they say so.
            self._process = await execute(program, theirs.fileno(), nothing, nothing)
        finally:
            theirs.close()
            os.close(nothing)
        self._control = ours
        asyncio.get_running_loop().add_reader(ours, self._read)

    async def __call__(self, program: Program, stdin: int, stdout: int, stderr: int) -> Process:
        if self._control is None or program.argv[0] != sys.executable:
            return await execute(program, stdin, stdout, stderr)
        number = next(self._numbers)
        asked = self._asked[number] = asyncio.get_running_loop().create_future()
        message = json.dumps({"number": number, "argv": list(program.argv)}).encode()
        try:
            socket.send_fds(self._control, [message], [stdin, stdout, stderr])
            return await asked
        except (ConnectionError, BlockingIOError):
            return await execute(program, stdin, stdout, stderr)
        finally:
            self._asked.pop(number, None)

    async def stop(self) -> None:
        """End the server, when all that it has started has been stopped."""
        self._hang_up()
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGKILL)  # it may load still
            await self._process.wait()

    def _read(self) -> None:
        assert self._control is not None
        try:
            message = self._control.recv(MESSAGE_LIMIT)
        except BlockingIOError:
            return
        except OSError:
            message = b""
        if not message:
            self._hang_up()
            return
        told = json.loads(message)
        if "ended" in told:
            if process := self._running.pop(told["ended"], None):
                process.end(told["status"])
            return
        process = self._running[told["pid"]] = ForkedProcess(told["pid"])
        asked = self._asked.get(told["number"])
        if asked is None or asked.done():
            process.send_signal(signal.SIGKILL)  # whoever wanted it has been cancelled
        else:
            asked.set_result(process)

    def _hang_up(self) -> None:
        """The server is gone or has to go; the kernel tells its programs to end."""
        if self._control is None:
            return
        asyncio.get_running_loop().remove_reader(self._control)
        self._control.close()
        self._control = None
        for asked in self._asked.values():
            if not asked.done():
                asked.set_exception(ConnectionAbortedError("the fork server has ended"))
        for process in self._running.values():
            process.watch()
        self._running.clear()


class ForkedProcess:
    """A program of the fork server, as a `Process`."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = asyncio.Event()
        self._watcher: asyncio.Task[None] | None = None

    async def wait(self) -> int | None:
        await self._ended.wait()
        return self.returncode

    def send_signal(self, number: signal.Signals) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def end(self, status: int) -> None:
        """It has ended so."""
        self.returncode = status
        self._ended.set()

    def watch(self) -> None:
        """Nobody will tell of its end any more: look for it."""
        self._watcher = asyncio.create_task(self._look())

    async def _look(self) -> None:
        last = signal.SIGTERM  # what the kernel has sent it for its parent's death
        steps = iter(ENDING)
        loop = asyncio.get_running_loop()
        following, seconds = next(steps)
        due = loop.time() + seconds
        while _runs(self.pid):
            if loop.time() >= due:
                last = following
                with suppress(ProcessLookupError):
                    os.kill(self.pid, last)
                following, seconds = next(steps, (last, seconds))
                due = loop.time() + seconds
            await asyncio.sleep(POLL)
        self.end(-last)


def _runs(pid: int) -> bool:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] not in ("Z", "X")
