"""One supervised process: spawned, its output passed on, restarted when it ends, stopped."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections import deque
from collections.abc import Callable

from vibe.embedded.service import Service
from vibe.embedded.spawning import Process, Spawn

FIRST_BACKOFF = 0.5
LONGEST_BACKOFF = 30.0
HEALTHY_AFTER = 60.0
TAIL_LINES = 20
LINE_LIMIT = 256 * 1024

OnLine = Callable[[str, str], None]


class Child:
    """Keeps the process of one service alive until `stop`.

    on_line(name, text) gets every line it writes to stdout or stderr, and our own remarks.
    """

    def __init__(self, service: Service, on_line: OnLine, spawn: Spawn) -> None:
        self.service = service
        self.on_line = on_line
        self.spawn = spawn
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self.process: Process | None = None
        self.started = False  # has been ready once; from then on an end means a restart
        self.restarts = 0
        self._stopping = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._backoff = FIRST_BACKOFF

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.returncode is None

    def start(self) -> None:
        """Begin to keep the process; whether it came up, the caller sees at `ended`."""
        self._keeper = asyncio.create_task(self._keep())

    @property
    def ended(self) -> bool:
        """Whether nothing is kept any more: stopped, or ended before it ever was ready."""
        return self._keeper is not None and self._keeper.done()

    async def stop(self) -> None:
        """End the process by the service's signals, at last by SIGKILL; returns when it is gone."""
        self._stopping.set()
        for number, seconds in (*self.service.stop, (signal.SIGKILL, 5.0)):
            if self._keeper is None or self._keeper.done():
                return
            self.send(number)
            await asyncio.wait({self._keeper}, timeout=seconds)

    def send(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)

    async def _keep(self) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            status = await self._run_once()
            if self._stopping.is_set() or not self.started:
                return
            if time.monotonic() - began >= HEALTHY_AFTER:
                self._backoff = FIRST_BACKOFF
            self.restarts += 1
            self._remark(f"{describe(status)}; starting it again in {self._backoff:g} s")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._backoff)
            self._backoff = min(self._backoff * 2, LONGEST_BACKOFF)

    async def _run_once(self) -> int | None:
        """Run the process to its end; returns its status, None when it could not be spawned."""
        # A pipe of our own: asyncio's wait() would also wait for grandchildren that hold its pipe.
        reading, writing = os.pipe()
        nothing = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        try:
            self.process = await self.spawn(self.service.program, nothing, writing, writing)
        except OSError as error:
            os.close(reading)
            program = self.service.program.argv[0]
            self._remark(f"cannot be started: {error.strerror} ({program})")
            return None
        finally:
            os.close(nothing)
            os.close(writing)
        if self._stopping.is_set():
            self.send(signal.SIGKILL)  # stop() ran before there was anything to signal
        pump = asyncio.create_task(self._pump(reading))
        status = await self.process.wait()
        await asyncio.wait({pump}, timeout=0.5)  # what the process wrote last is still coming
        pump.cancel()
        return status

    async def _pump(self, descriptor: int) -> None:
        """Pass on each line from `descriptor` until its end; closes it."""
        stream = asyncio.StreamReader(limit=LINE_LIMIT)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(descriptor, "rb", 0)
        )
        try:
            while line := await _line(stream):
                text = line.decode(errors="replace").rstrip()
                if not any(part in text for part in self.service.hidden):
                    self.tail.append(text)
                    self.on_line(self.service.name, text)
        finally:
            transport.close()

    def _remark(self, text: str) -> None:
        self.tail.append(text)
        self.on_line(self.service.name, text)


async def _line(stream: asyncio.StreamReader) -> bytes:
    """The next line, a part of an overlong one, or nothing at the end."""
    try:
        return await stream.readuntil(b"\n")
    except asyncio.IncompleteReadError as end:
        return end.partial
    except asyncio.LimitOverrunError as overrun:
        return await stream.read(overrun.consumed)


def describe(status: int | None) -> str:
    """How a process ended, in words; `status` as subprocess gives it (negative: a signal)."""
    if status is None:
        return "could not be started"
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"ended with status {status}"
