"""The browsers of this node: one for each sandbox that is looked at, a few at a time."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from django.conf import settings

from sandboxes.engine import EngineError, SandboxSpec
from sandboxes.engine.browser import Browser
from sandboxes.host import browsers, isolation

logger = logging.getLogger(__name__)

# Closed after that: a start takes one to two seconds.
IDLE_SECONDS = 45.0
# A page that somebody goes on with is kept for so long.
KEPT_SECONDS = 180.0
ROUND_SECONDS = 15.0


@dataclass
class _Place:
    number: int
    sandbox_id: str
    browser: Browser | None = None
    busy: bool = True
    used_at: float = field(default_factory=time.monotonic)


class Pool:
    """Belongs to one event loop. What has seen one sandbox's pages is never led to another's."""

    def __init__(self) -> None:
        self._places: dict[int, _Place] = {}
        self._changed = asyncio.Condition()
        self._round: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def browser(self, sandbox_id: str) -> AsyncIterator[Browser]:
        """The browser of that sandbox, for one at a time. Raises EngineError."""
        place = await self._place(sandbox_id)
        try:
            if place.browser is None or place.browser.is_gone:
                await self._end(place)
                place.browser = await self._start(place.number)
            yield place.browser
        finally:
            await asyncio.shield(self._give_back(place))

    async def close(self) -> None:
        if self._round is not None:
            self._round.cancel()
        for place in list(self._places.values()):
            await self._end(place)
        self._places.clear()

    async def _place(self, sandbox_id: str) -> _Place:
        async with self._changed:
            while True:
                if (found := self._choose(sandbox_id)) is not None:
                    break
                await self._changed.wait()
        if found.sandbox_id != sandbox_id:
            await self._end(found)
            found.sandbox_id = sandbox_id
        if self._round is None or self._round.done():
            self._round = asyncio.create_task(self._look_after(), name="browsers")
        return found

    def _choose(self, sandbox_id: str) -> _Place | None:
        """Its own, a new one, or the one that was not used for the longest; None while all work."""
        own = next((one for one in self._places.values() if one.sandbox_id == sandbox_id), None)
        if own is not None:
            if own.busy:
                return None
            own.busy = True
            return own
        for number in range(settings.BROWSERS):
            if number not in self._places:
                self._places[number] = _Place(number, sandbox_id)
                return self._places[number]
        idle = [one for one in self._places.values() if not one.busy]
        if not idle:
            return None
        oldest = min(idle, key=lambda one: one.used_at)
        oldest.busy = True
        return oldest

    async def _give_back(self, place: _Place) -> None:
        if place.browser is not None and place.browser.is_gone:
            await self._end(place)
        async with self._changed:
            place.busy = False
            place.used_at = time.monotonic()
            self._changed.notify_all()

    async def _start(self, number: int) -> Browser:
        path = browsers.program()
        if path is None:
            raise EngineError(*browsers.problem())
        engine = await asyncio.to_thread(isolation.engine)
        name = f"browser{secrets.token_hex(8)}"
        spec = SandboxSpec(
            name=name,
            root=browsers.place() / name,
            run_dir=settings.RUN_DIR,
            uid=browsers.FIRST_UID + number if os.geteuid() == 0 else None,
            shared=settings.DATA_DIR / "shared",
        )
        return await Browser.start(engine, spec, path)

    async def _end(self, place: _Place) -> None:
        browser, place.browser = place.browser, None
        if browser is not None:
            await browser.close()

    async def _look_after(self) -> None:
        """Close what nobody uses, and let the others live on."""
        while self._places:
            await asyncio.sleep(ROUND_SECONDS)
            for place in list(self._places.values()):
                kept = place.browser is not None and place.browser.kept is not None
                idle = time.monotonic() - place.used_at
                if not place.busy and idle > (KEPT_SECONDS if kept else IDLE_SECONDS):
                    async with self._changed:
                        if place.busy:
                            continue
                        self._places.pop(place.number, None)
                    await self._end(place)
                elif place.browser is not None:
                    try:
                        await place.browser.renew()
                    except EngineError as error:
                        logger.warning("a browser has gone: %s", error)
                        place.browser.wire.close("The browser ended.")
