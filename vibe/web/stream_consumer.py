"""Base of the WebSocket consumers that follow a stream."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from typing import TYPE_CHECKING, Any, cast

import redis
from channels.generic.websocket import AsyncWebsocketConsumer

from vibe.shares import Busy, Release, connections
from vibe.shares.owner import of_user, owner, set_owner

if TYPE_CHECKING:
    from vibe.accounts.models import User

logger = logging.getLogger(__name__)

# Daphne refuses messages above 1 MiB, outgoing ones too, and htmx reads better in small ones.
MAX_FRAME = 256 * 1024

SIGN_IN = 4401
TOO_MANY = 4429
NOT_FOUND = 4404
TRY_AGAIN = 1011


class NotFound(Exception):
    """What the socket asks for does not exist, or not for this user."""


class StreamConsumer(AsyncWebsocketConsumer):
    """Accepts signed-in users and runs `stream` until it returns, raises or the client leaves.

    Subclasses implement `open` (look up what the path names; raise NotFound) and `stream`.
    A `stream` that raises closes the socket with 1011, on which clients reconnect with their
    cursor: never an open socket that has gone mute.
    """

    pump: asyncio.Task[None] | None = None
    _release: Release = staticmethod(lambda: None)

    @property
    def user(self) -> User:
        """Who is connected. Somebody who is not signed in gets no further than `connect`."""
        return cast("User", self.scope["user"])

    async def open(self) -> None:
        """Look up and check what the socket is about."""

    async def stream(self) -> None:
        """Send until there is nothing more to send."""
        raise NotImplementedError

    async def connect(self) -> None:
        if not self.user.is_authenticated:
            await self._refuse(SIGN_IN)
            return
        set_owner(of_user(self.user.pk))
        try:
            self._release = await connections.take(owner())
        except Busy as busy:
            await self._refuse(TOO_MANY, busy.message)
            return
        try:
            await self.open()
        except NotFound:
            await self._refuse(NOT_FOUND)
            return
        await self.accept()
        self.pump = asyncio.create_task(self._guarded())

    async def disconnect(self, _code: int) -> None:
        self._release()
        if self.pump is not None and self.pump is not asyncio.current_task():
            self.pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.pump

    async def send_json(self, payload: dict[str, Any]) -> None:
        """Send `payload` as a text frame of at most MAX_FRAME bytes."""
        text = json.dumps(payload, separators=(",", ":"))
        if len(text.encode()) > MAX_FRAME:
            raise ValueError(f"A frame of {len(text)} characters is too large; split it.")
        await self.send(text_data=text)

    async def _guarded(self) -> None:
        try:
            await self.stream()
            await self.close(1000)
        except asyncio.CancelledError:
            raise
        except redis.ConnectionError as error:
            logger.warning("%s: Redis does not answer (%s)", type(self).__name__, error)
            await self.close(TRY_AGAIN)
        except Exception:
            logger.exception("%s failed; its client is told to reconnect", type(self).__name__)
            await self.close(TRY_AGAIN)

    async def _refuse(self, code: int, reason: str = "") -> None:
        # A close code reaches the browser only after the handshake.
        await self.accept()
        await self.close(code, reason or None)
