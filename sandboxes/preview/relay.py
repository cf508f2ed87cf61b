"""Two ends of a WebSocket joined: bytes pass both ways as they come, and both ends learn why
the socket ends."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

import httpcore

from sandboxes.preview.frames import OWN_PING, PING, Fault, Frames, close_frame, frame
from vibe.web.daphne_seam import RawSocket

READ = 64 * 1024
PING_AFTER = 20.0  # seconds of silence, after which proxies on the way might hang up
CLOSE_WITHIN = 10.0  # seconds, from the first close frame
LINGER = 5.0
GOING_AWAY, PROTOCOL_ERROR, TOO_BIG, FAILED = 1001, 1002, 1009, 1011


class Stream(Protocol):
    """What a server's end has to have; of httpcore."""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes: ...
    async def write(self, buffer: bytes, timeout: float | None = None) -> None: ...


@dataclass(frozen=True)
class Verdict:
    """Why a direction ended: a code and words for both ends."""

    code: int
    reason: str


class Relay:
    """browser, server: the two ends. largest: bytes of one message."""

    def __init__(self, browser: RawSocket, server: Stream, largest: int) -> None:
        self.browser, self.server, self.largest = browser, server, largest
        self.down, self.up = Frames(largest), Frames(largest)
        self._deadline: asyncio.Timeout | None = None

    async def run(self) -> None:
        """Pass on what comes until one end has gone, then tell the other."""
        down = asyncio.ensure_future(self._pump_down())
        up = asyncio.ensure_future(self._pump_up())
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None) as self._deadline:
                    await asyncio.wait({down, up}, return_when=asyncio.FIRST_COMPLETED)
            self._deadline = None
            verdict = up.result() if up.done() and not down.done() else None
            if verdict is not None and not self.down.at_boundary:
                # What goes down is let come to the end of its frame: then there is room for words.
                self.down.stops = True
                await asyncio.wait({down}, timeout=LINGER)
        except asyncio.CancelledError:
            if not self.down.at_boundary:
                self.browser.abort()
            raise
        finally:
            for task in (down, up):
                task.cancel()
            await asyncio.wait({down, up})
        await self._end(_result(down), _result(up))

    async def _end(self, down: Verdict | None, up: Verdict | None) -> None:
        """Tell each end what it does not know yet; `down`, `up`: why those directions ended."""
        verdict = down or up
        if not self.up.closed and self.up.at_boundary:
            code = verdict.code if verdict else GOING_AWAY
            with contextlib.suppress(httpcore.NetworkError, httpcore.TimeoutException):
                await self.server.write(close_frame(code, masked=True), timeout=1.0)
        if not self.down.at_boundary:
            self.browser.abort()
            return
        if not self.down.closed:
            if verdict is None and self.up.closed:
                # The browser began the closing; a server that only hangs up has agreed.
                verdict = Verdict(self.up.code if self.up.code != 1005 else 1000, "")
            verdict = verdict or Verdict(FAILED, "The server in the sandbox has gone.")
            self.browser.write_now(close_frame(verdict.code, verdict.reason))
        await self._linger()
        self.browser.close()

    async def _linger(self) -> None:
        """Read on for a moment: a connection that is closed over unread bytes is reset, and what
        it said last is lost."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER):
                while not self.up.closed and (data := await self.browser.read()):
                    self.up.pass_on(data)

    async def _pump_down(self) -> Verdict | None:
        while not (self.down.stops and self.down.at_boundary):
            try:
                data = await self.server.read(READ, timeout=PING_AFTER)
            except httpcore.ReadTimeout:
                if self.down.at_boundary and not self.down.closed:
                    await self.browser.write([frame(PING, OWN_PING)])
                continue
            except httpcore.NetworkError:
                return None
            if not data:
                return None
            if verdict := await self._pass(self.down, data, self.browser.write):
                return verdict
        return None

    async def _pump_up(self) -> Verdict | None:
        async def write(pieces: list[bytes]) -> None:
            await self.server.write(b"".join(pieces) if len(pieces) > 1 else pieces[0])

        while data := await self.browser.read():
            try:
                if verdict := await self._pass(self.up, data, write):
                    return verdict
            except httpcore.NetworkError:
                # The other direction learns the same, and perhaps a code before.
                await asyncio.Event().wait()
        return None

    async def _pass(
        self, frames: Frames, data: bytes, write: Callable[[list[bytes]], Awaitable[None]]
    ) -> Verdict | None:
        if pieces := frames.pass_on(data):
            await write(pieces)
        if frames.closed and self._deadline is not None and self._deadline.when() is None:
            self._deadline.reschedule(asyncio.get_running_loop().time() + CLOSE_WITHIN)
        return self._verdict(frames.fault) if frames.fault else None

    def _verdict(self, fault: Fault) -> Verdict:
        if fault is Fault.BROKEN:
            return Verdict(PROTOCOL_ERROR, "A control frame is broken.")
        size = f"{self.largest / 1024 / 1024:g} MiB"
        words = f"A message is larger than {size}, the most that a preview passes on."
        return Verdict(TOO_BIG, words)


def _result(task: asyncio.Task[Verdict | None]) -> Verdict | None:
    return None if task.cancelled() else task.result()
