"""The body of a request on its way into a sandbox, passed on as it arrives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from asgiref.typing import ASGIReceiveCallable


class ClientGone(Exception):
    """The browser has left; nobody waits for an answer."""


class RequestBody:
    """Reads the messages of one request; `ended` is set when the body is complete."""

    def __init__(self, receive: ASGIReceiveCallable) -> None:
        self._receive = receive
        self._first = b""
        self._more = True
        self.ended = asyncio.Event()

    async def start(self) -> bool:
        """Read the first piece; return whether there is any body at all."""
        self._first = await self._next()
        return bool(self._first) or self._more

    async def pieces(self) -> AsyncIterator[bytes]:
        if self._first:
            yield self._first
        while self._more:
            piece = await self._next()
            if piece:
                yield piece

    async def client_gone(self) -> None:
        """Return when the browser leaves; to be awaited beside the answer."""
        await self.ended.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _next(self) -> bytes:
        event = await self._receive()
        if event["type"] != "http.request":
            raise ClientGone
        self._more = event.get("more_body", False)
        if not self._more:
            self.ended.set()
        return event.get("body", b"")
