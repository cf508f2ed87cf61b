"""Reading a command's two pipes, so that each byte reaches Redis and the database exactly once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from sandboxes.engine import RunningCommand
from sandboxes.models import LogChunk
from sandboxes.output import pipes
from sandboxes.output.live import Batch, LiveOutput
from sandboxes.output.pipes import ScratchPipe
from sandboxes.output.rows import CommandRows, RowWriter

# A batch of this size says that a lot is coming: waiting would only slow it down.
HOT_BYTES = 32 * 1024
# Many programs write a line and its end by two system calls: the end may be on its way.
LINE_END_SECONDS = 0.001
LINE_ENDS = (b"\n", b"\r")


class OutputReader:
    """Reads until both pipes have ended or `stop` is called; `offset` is how far it has come."""

    def __init__(
        self,
        running: RunningCommand,
        live: LiveOutput,
        writer: RowWriter,
        scratch: ScratchPipe,
        rows: CommandRows,
    ) -> None:
        self._command_id = running.command
        self._live = live
        self._writer = writer
        self._scratch = scratch
        self._rows = rows
        self._in_flight = running.inflight[0]
        self._open = {
            running.stdout: LogChunk.Stream.STDOUT,
            running.stderr: LogChunk.Stream.STDERR,
        }
        # Asked for once: each look at the running loop costs a system call.
        self._loop = asyncio.get_running_loop()
        # In the order in which they had something, which is as near as one gets to the order in
        # which it was written.
        self._ready: dict[int, None] = {}
        self._unwatched: set[int] = set()
        # What `pipes.fill` said of a pipe whose bytes were moved as soon as they were seen.
        self._moved: dict[int, int | None] = {}
        self._waiting: asyncio.Future[None] | None = None
        self._stopping = False
        self._hurried = False
        self._last_flush = 0.0
        self._last_size = 0
        self.offset = rows.stored
        # Called for every batch; must not wait.
        self.on_output: Callable[[], None] | None = None
        scratch.fit(self._in_flight.write)

    async def recover(self) -> None:
        """Take over from a process that died: what it had moved or sent but not stored."""
        for batch in await self._live.after(self._command_id, self.offset):
            self._writer.add(self._rows, batch)
            self.offset = batch.end
        held = self._scratch.peek(self._in_flight.read)
        if held is not None and held.offset + len(held.data) > self.offset:
            await self._store(held.stream, held.data)
        pipes.empty(self._in_flight.read)

    async def read(self) -> None:
        """Read until the end of both pipes, or until `stop`."""
        self._live.opened()
        for pipe in self._open:
            self._loop.add_reader(pipe, self._readable, pipe)
        try:
            while self._open and not self._stopping:
                await self._woken()
                if self._stopping and not self._moved:
                    break
                await self._collect()
                ready, self._ready = self._ready, {}
                for pipe in ready:
                    if await self._batch(pipe):
                        self._watch(pipe)
                    else:
                        self._unwatch(pipe)
                        del self._open[pipe]
                        # It may have been seen once more while the other one's batch was stored.
                        self._ready.pop(pipe, None)
        finally:
            self._live.closed()
            for pipe in self._open:
                self._unwatch(pipe)

    async def drain(self) -> None:
        """After `stop`: take what the pipes hold now, not waiting for more."""
        for pipe in list(self._open):
            before = -1
            # Bounded: a process that writes without end must not hold the command open.
            limit = self.offset + 2 * pipes.PIPE_BYTES
            while before < self.offset < limit:
                before = self.offset
                await self._batch(pipe)

    def hurry(self) -> None:
        """The command has ended: collecting what may follow would only delay the news."""
        self._hurried = True
        self._wake()

    def stop(self) -> None:
        """Make `read` return after the batch in hand."""
        self._stopping = True
        self._wake()

    def _readable(self, pipe: int) -> None:
        """What has been waited for is moved at once: that leaves the pipe empty, and watched.

        Everything else waits in its pipe, which is not watched meanwhile.
        """
        idle = self._waiting is not None and not self._ready
        if idle and self._delay() <= 0:
            self._moved[pipe] = self._fill(pipe)
        else:
            self._unwatch(pipe)
        self._ready[pipe] = None
        self._wake()

    def _watch(self, pipe: int) -> None:
        if pipe in self._unwatched:
            self._unwatched.discard(pipe)
            self._loop.add_reader(pipe, self._readable, pipe)

    def _unwatch(self, pipe: int) -> None:
        if pipe not in self._unwatched:
            self._unwatched.add(pipe)
            self._loop.remove_reader(pipe)

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def _woken(self) -> None:
        """Return when a pipe has something, or `stop` was called."""
        while not self._ready and not self._stopping:
            await self._wait()

    async def _wait(self) -> None:
        """Return when `_wake` is called."""
        self._waiting = self._loop.create_future()
        try:
            await self._waiting
        finally:
            self._waiting = None

    def _delay(self) -> float:
        """Seconds for which the next bytes should still be collected."""
        if self._last_size >= HOT_BYTES:
            return 0.0
        # Measured from the last flush: from the first byte it would add the whole window to
        # lines that come slightly slower than the window.
        return self._last_flush + self._live.pace.window - self._loop.time()

    async def _collect(self) -> None:
        """Return when the window is over; before that when the reader is hurried or stopped."""
        while not (self._moved or self._hurried or self._stopping) and (delay := self._delay()) > 0:
            timer = self._loop.call_later(delay, self._wake)
            try:
                await self._wait()
            finally:
                timer.cancel()

    def _fill(self, pipe: int) -> int | None:
        return pipes.fill(pipe, self._in_flight.write, int(self._open[pipe]), self.offset)

    async def _batch(self, pipe: int) -> bool:
        """Move one batch on; False at the end of the pipe."""
        moved = self._moved.pop(pipe) if pipe in self._moved else self._fill(pipe)
        data = b""
        if moved:
            data = self._peek()
            if len(data) < HOT_BYTES and not data.endswith(LINE_ENDS):
                data = await self._with_its_end(pipe, data)
            await self._store(int(self._open[pipe]), data)
        pipes.consume(self._in_flight.read, pipes.HEADER.size + len(data))
        self._last_flush = self._loop.time()
        self._live.pace.look(self._last_flush)
        self._last_size = moved or 0
        return moved != 0

    async def _with_its_end(self, pipe: int, data: bytes) -> bytes:
        """The batch in hand, with the end of its last line where that follows at once."""
        await asyncio.sleep(LINE_END_SECONDS)
        return self._peek() if pipes.add(pipe, self._in_flight.write) else data

    def _peek(self) -> bytes:
        held = self._scratch.peek(self._in_flight.read)
        assert held is not None
        return held.data

    async def _store(self, stream: int, data: bytes) -> None:
        batch = Batch(self._command_id, self.offset, stream, data, time.time())
        if self._writer.is_full_for(self._rows):
            await self._writer.room(self._rows)
        await self._live.append(batch, stored_up_to=self._rows.stored)
        self.offset = batch.end
        self._writer.add(self._rows, batch)
        if self.on_output is not None:
            self.on_output()
