"""Base of the WebSocket consumers that follow a stream."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from typing import TYPE_CHECKING, Any, cast

import redis
from channels.generic.websocket import AsyncWebsocketConsumer

from vibe.accounts.right_guard import Watch, guard
from vibe.accounts.services import rights
from vibe.accounts.services.rights import NOT_FOUND, SIGN_IN, TRY_AGAIN, Loss, Right, Subject
from vibe.shares import Busy, Release, connections
from vibe.shares.owner import of_user, owner, set_owner

if TYPE_CHECKING:
    from vibe.accounts.models import User

__all__ = ["MAX_FRAME", "NOT_FOUND", "SIGN_IN", "TRY_AGAIN", "NotFound", "StreamConsumer"]

logger = logging.getLogger(__name__)

# Daphne refuses messages above 1 MiB, outgoing ones too, and htmx reads better in small ones.
MAX_FRAME = 256 * 1024

TOO_MANY = 4429


class NotFound(Exception):
    """What the socket asks for does not exist, or not for this user."""


class StreamConsumer(AsyncWebsocketConsumer):
    """Accepts signed-in users and runs `stream` until it returns, raises, the client leaves or the
    right to it ends: then it closes with 4401 or 4404 and says why.

    Subclasses implement `open` (look up what the path names, set `about`; raise NotFound) and
    `stream`.
    A `stream` that raises closes the socket with 1011, on which clients reconnect with their
    cursor: never an open socket that has gone mute.
    """

    pump: asyncio.Task[None] | None = None
    # Whose owner alone may have it: looked at while the socket is open.
    about: Subject | None = None
    _watch: Watch | None = None
    _hanging_up: asyncio.Task[None] | None = None
    _release: Release = staticmethod(lambda: None)

    @property
    def right(self) -> Right:
        """What the socket was let in by."""
        return rights.of_session(self.user, self.scope.get("session"))

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
        try:
            await self.open()
        except NotFound:
            await self._refuse(NOT_FOUND)
            return
        await self.begin()

    async def begin(self) -> None:
        """Accept, and run `stream` for as long as the right to it holds."""
        set_owner(of_user(self.right.user))
        try:
            self._release = await connections.take(owner())
        except Busy as busy:
            await self._refuse(TOO_MANY, busy.message)
            return
        await self.accept()
        self._watch = guard().watch(self.right, self.about, self._lost)
        self.pump = asyncio.create_task(self._guarded())

    async def disconnect(self, _code: int) -> None:
        if self._watch is not None:
            self._watch.close()
        self._release()
        await self._stop()

    async def _stop(self) -> None:
        if self.pump is not None and self.pump is not asyncio.current_task():
            self.pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.pump

    def _lost(self, loss: Loss) -> None:
        self._hanging_up = asyncio.create_task(self._hang_up(loss), name="hanging up")

    async def _hang_up(self, loss: Loss) -> None:
        await self._stop()
        await self.close(loss.close_code, loss.message)

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
