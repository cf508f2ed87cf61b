"""The DevTools protocol over a command's standard streams: JSON, each message ended by a NUL."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ..errors import EngineError
from ..input import CHUNK_BYTES, InputLine
from ..running import RunningCommand

# A picture of a page is the largest; what is longer is no honest message.
MAX_MESSAGE = 24 << 20
ANSWER_SECONDS = 15.0
READ_BYTES = 256 * 1024

Listener = Callable[[str, dict[str, Any]], None]


class BrowserGone(EngineError):
    """The browser has ended, or cannot be understood any more."""


class Refused(Exception):
    """The browser answers a call with an error, in its own words."""


class Wire:
    """Calls and events of one browser, in one event loop."""

    def __init__(self, command: RunningCommand, line: InputLine) -> None:
        self._command = command
        self._line = line
        self._loop = asyncio.get_running_loop()
        self._buffer = bytearray()
        self._searched = 0
        self._calls: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._listeners: dict[str, Listener] = {}
        self._number = 0
        self._writing = asyncio.Lock()
        self.gone = ""
        self._loop.add_reader(command.stdout, self._read)
        self._loop.add_reader(command.stderr, self._discard)

    def listen(self, session: str, listener: Listener) -> None:
        """Hand the events of a session ("" for the browser's own) to `listener`."""
        self._listeners[session] = listener

    def forget(self, session: str) -> None:
        self._listeners.pop(session, None)

    async def call(
        self,
        method: str,
        params: dict[str, Any] | None = None,
        *,
        session: str = "",
        timeout: float = ANSWER_SECONDS,
    ) -> dict[str, Any]:
        """What the browser answers. Raises BrowserGone, Refused, TimeoutError."""
        if self.gone:
            raise BrowserGone(self.gone)
        self._number += 1
        number = self._number
        message: dict[str, Any] = {"id": number, "method": method, "params": params or {}}
        if session:
            message["sessionId"] = session
        answer = self._calls[number] = self._loop.create_future()
        try:
            async with asyncio.timeout(timeout):
                await self._write(json.dumps(message).encode() + b"\0")
                return await answer
        except EngineError as error:
            if isinstance(error, BrowserGone):
                raise
            self.close("The browser does not read any more.")
            raise BrowserGone(self.gone) from error
        finally:
            self._calls.pop(number, None)

    def close(self, why: str = "The browser was closed.") -> None:
        """Whoever waits for an answer is told why."""
        if self.gone:
            return
        self.gone = why
        self._loop.remove_reader(self._command.stdout)
        self._loop.remove_reader(self._command.stderr)
        self._line.close()
        self._command.close()
        for call in self._calls.values():
            if not call.done():
                call.set_exception(BrowserGone(why))

    async def _write(self, data: bytes) -> None:
        async with self._writing:
            for at in range(0, len(data), CHUNK_BYTES):
                await self._line.write(data[at : at + CHUNK_BYTES])

    def _read(self) -> None:
        try:
            data = os.read(self._command.stdout, READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close("The browser ended.")
            return
        self._buffer += data
        while (end := self._buffer.find(b"\0", self._searched)) >= 0:
            message = bytes(self._buffer[:end])
            del self._buffer[: end + 1]
            self._searched = 0
            self._take(message)
            if self.gone:
                return
        self._searched = len(self._buffer)
        if len(self._buffer) > MAX_MESSAGE:
            self.close("The browser sent a message without end.")

    def _discard(self) -> None:
        with suppress(BlockingIOError, OSError):
            if not os.read(self._command.stderr, READ_BYTES):
                self._loop.remove_reader(self._command.stderr)

    def _take(self, message: bytes) -> None:
        try:
            told = json.loads(message)
            number, session = told.get("id"), told.get("sessionId", "")
            if not isinstance(session, str):
                raise ValueError
        except (ValueError, AttributeError, RecursionError):
            self.close("The browser sent something that makes no sense.")
            return
        if number is None:
            listener = self._listeners.get(session)
            params = told.get("params")
            if listener is not None:
                listener(str(told.get("method")), params if isinstance(params, dict) else {})
            return
        call = self._calls.get(number) if isinstance(number, int) else None
        if call is None or call.done():
            return
        if isinstance(error := told.get("error"), dict):
            call.set_exception(Refused(str(error.get("message"))[:300]))
        else:
            result = told.get("result")
            call.set_result(result if isinstance(result, dict) else {})
