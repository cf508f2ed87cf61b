"""The body of a request on its way into a sandbox, passed on as it arrives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from asgiref.typing import ASGIReceiveCallable

# What is kept of a body until its answer has begun, in case that it has to be sent once more.
KEPT = 256 * 1024


class ClientGone(Exception):
    """The browser has left; nobody waits for an answer."""


class RequestBody:
    """Reads the messages of one request; `ended` is set when the body is complete."""

    def __init__(self, receive: ASGIReceiveCallable) -> None:
        self._receive = receive
        self._kept: list[bytes] = []
        self._size = 0
        self._more = True
        self._whole = True
        self.ended = asyncio.Event()

    async def start(self) -> bool:
        """Read the first piece; return whether there is any body at all."""
        first = await self._next()
        return bool(first) or self._more

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body; from its beginning each time, for as long as it is `repeatable`."""
        for piece in self._kept:
            yield piece
        if self._whole and self._size > KEPT:
            self._forget()
        while self._more:
            piece = await self._next()
            if piece:
                yield piece

    def repeatable(self) -> bool:
        """Whether all that has been read is still there."""
        return self._whole

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
        piece = event.get("body", b"")
        if self._whole and piece:
            self._kept.append(piece)
            self._size += len(piece)
            # The first piece has to be kept until it is read once.
            if self._size > KEPT and len(self._kept) > 1:
                self._forget()
        return piece

    def _forget(self) -> None:
        self._whole = False
        self._kept = []
