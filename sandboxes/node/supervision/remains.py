"""Looks after what commands have left running: counts it now and then, ends it when asked to."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from itertools import count, groupby
from operator import attrgetter
from typing import Any, TypeVar

from sandboxes.engine import EngineError
from sandboxes.engine.spec import GRACE
from sandboxes.node import remains
from sandboxes.node.remains import Remains
from sandboxes.node.supervision.loop import Loop
from sandboxes.node.supervision.watches import Watches
from vibe.shares.owner import of_user

Result = TypeVar("Result")
logger = logging.getLogger(__name__)

TICK_SECONDS = 2.0
# What ends a moment after its command is soon known to have ended; servers are counted less often.
RECENT_SECONDS = 20.0
TICKS_OF_ALL = 8
# After the KILL the agent gives up in this time on what cannot be ended.
KILL_SECONDS = 12.0
LOOK_SECONDS = 0.1


class RemainsWatch:
    """One per worker process; runs until it is cancelled."""

    def __init__(self, loop: Loop, watches: Watches) -> None:
        self._loop = loop
        self._watches = watches

    async def run(self) -> None:
        for tick in count(1):
            await asyncio.sleep(TICK_SECONDS)
            try:
                await self._tick(RECENT_SECONDS if tick % TICKS_OF_ALL else None)
            except Exception:
                logger.exception("what commands have left was not counted; trying again")

    async def end(self, command_id: str) -> None:
        """End what a command has left running, and record it."""
        one = await self._loop.rows.call(remains.of_command, command_id)
        if one is None:
            return
        try:
            await self._ask(one, one.agent.end, command_id, GRACE)
            until = time.monotonic() + GRACE + KILL_SECONDS
            while left := await self._count(one):
                if time.monotonic() > until:
                    break
                await asyncio.sleep(LOOK_SECONDS)
            await self._loop.rows.call(remains.record, one, left)
        except EngineError as error:
            logger.warning("what command %s has left: %s", command_id, error)

    async def _tick(self, recent: float | None) -> None:
        watched = self._watches.ids()
        if not watched:
            return
        found = await self._loop.rows.call(remains.of_sessions, watched, recent)
        found.sort(key=attrgetter("session_id"))
        by_session = [list(group) for _, group in groupby(found, attrgetter("session_id"))]
        await asyncio.gather(*map(self._look, by_session))

    async def _look(self, of_session: list[Remains]) -> None:
        try:
            for one in of_session:
                left = await self._count(one)
                if left != one.left:
                    await self._loop.rows.call(remains.record, one, left)
        except EngineError as error:
            logger.info("what session %s has left: %s", of_session[0].session_id, error)

    async def _count(self, one: Remains) -> int:
        return await self._ask(one, one.agent.left, one.command_id)

    async def _ask(self, one: Remains, function: Callable[..., Result], *args: Any) -> Result:
        return await self._loop.ask(of_user(one.owner_id), one.session_id, function, *args)
