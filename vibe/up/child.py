"""One supervised process: spawned, its output passed on, restarted when it ends, stopped."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from vibe.up.service import Service, Signals
from vibe.up.spawning import Process, Spawn

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
        self._stopping = False
        self._renewing = False  # its end is wanted, and it is to be started at once
        self._wake = asyncio.Event()  # ends the pause before a restart
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
        self._stopping = True
        self._wake.set()
        if self._keeper is not None:
            await self._end(self._keeper, self.service.stop)

    async def restart(self, signals: Signals) -> None:
        """End the process by these signals, at last by SIGKILL, and start it again at once.

        Returns when the old one is gone.
        """
        self._renewing = True
        self._wake.set()
        if self.process is not None and self.running:
            await self._end(asyncio.ensure_future(self.process.wait()), signals)

    async def _end(self, ended: asyncio.Future[Any], signals: Signals) -> None:
        for number, seconds in (*signals, (signal.SIGKILL, 5.0)):
            if ended.done():
                return
            self.send(number)
            await asyncio.wait({ended}, timeout=seconds)

    def send(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)

    async def _keep(self) -> None:
        while not self._stopping:
            began = time.monotonic()
            status = await self._run_once()
            if self._stopping or not (self.started or self._renewing):
                return
            if self._renewed():
                continue
            if time.monotonic() - began >= HEALTHY_AFTER:
                self._backoff = FIRST_BACKOFF
            self._remark(f"{describe(status)}; starting it again in {self._backoff:g} s")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._backoff)
            if not self._renewed():
                self._backoff = min(self._backoff * 2, LONGEST_BACKOFF)

    def _renewed(self) -> bool:
        """Whether the next start is one that was asked for; it is the first again then."""
        renewing, self._renewing = self._renewing, False
        if renewing:
            self._wake.clear()
            self._backoff = FIRST_BACKOFF
        return renewing

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
        if self._stopping:
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
