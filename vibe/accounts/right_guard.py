"""The one guard of everything that stays open: it ends within seconds of the right to it.

Every open connection of an event loop is looked at together, once in CHECK_SECONDS, in the same
few queries for one and for hundreds. Nobody has to announce that a right ended, so none can be
forgotten: whatever changed the rows (a page, a command, the admin, a deleted user) is seen.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

from vibe.accounts.services import rights
from vibe.accounts.services.rights import Loss, Right, RightLost, Subject
from vibe.data.database import in_thread_of

logger = logging.getLogger(__name__)

CHECK_SECONDS = 1.5
# A right that could not be looked up for so long counts as lost.
UNCONFIRMED_SECONDS = 20.0

# Of its own: slow queries of others must not keep a lost right alive.
_thread = ThreadPoolExecutor(1, thread_name_prefix="rights")


class Watch:
    """One open connection, until `close`."""

    def __init__(
        self, guard: Guard, right: Right | None, subject: Subject | None,
        ended: Callable[[Loss], None],
    ) -> None:  # fmt: skip
        self.held = (right, subject)
        self.ended = ended
        self.since = asyncio.get_running_loop().time()
        self._guard = guard

    def close(self) -> None:
        """The connection is closed: look no more."""
        self._guard.forget(self)


class Guard:
    """Looks after the open connections of one event loop."""

    def __init__(self) -> None:
        self._watches: set[Watch] = set()
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._checking: asyncio.Task[None] | None = None
        self._confirmed = self._loop.time()

    def watch(
        self, right: Right | None, subject: Subject | None, ended: Callable[[Loss], None]
    ) -> Watch:
        """Call `ended` once, in the loop, when the right is lost or the subject is not its user's.

        Without a right only whether the subject still exists is looked at.
        """
        watch = Watch(self, right, subject, ended)
        self._watches.add(watch)
        if self._timer is None and self._checking is None:
            self._timer = self._loop.call_later(CHECK_SECONDS, self._begin)
        return watch

    def forget(self, watch: Watch) -> None:
        # The timer goes on: with thousands of requests a second there would be as many timers.
        self._watches.discard(watch)

    def _begin(self) -> None:
        self._timer = None
        if not self._watches:
            return
        self._checking = asyncio.create_task(self._check(), name="right guard")

    async def _check(self) -> None:
        try:
            await self._look()
        finally:
            self._checking = None
            if self._watches:
                self._timer = self._loop.call_later(CHECK_SECONDS, self._begin)

    async def _look(self) -> None:
        looked_at = list(self._watches)
        held = {watch.held for watch in looked_at}
        try:
            lost = await in_thread_of(_thread, rights.losses, held)
        except Exception as error:  # every open connection depends on this: it must go on
            logger.warning("Open connections cannot be checked (%s); trying again", error)
            latest = self._loop.time() - UNCONFIRMED_SECONDS
            for watch in looked_at:
                if max(watch.since, self._confirmed) < latest:
                    self._end(watch, rights.UNKNOWN)
            return
        self._confirmed = self._loop.time()
        for watch in looked_at:
            if loss := lost.get(watch.held):
                self._end(watch, loss)

    def _end(self, watch: Watch, loss: Loss) -> None:
        if watch in self._watches:
            self._watches.discard(watch)
            watch.ended(loss)


_guards: WeakKeyDictionary[asyncio.AbstractEventLoop, Guard] = WeakKeyDictionary()


def guard() -> Guard:
    """The guard of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _guards:
        _guards[loop] = Guard()
    return _guards[loop]


@asynccontextmanager
async def while_held(right: Right | None, subject: Subject | None) -> AsyncIterator[None]:
    """Run the block for as long as the right holds; cut it short with RightLost when it ends."""
    if right is None and subject is None:
        yield
        return
    loop = asyncio.get_running_loop()
    lost: list[Loss] = []
    try:
        async with asyncio.timeout(None) as scope:

            def ended(loss: Loss) -> None:
                lost.append(loss)
                scope.reschedule(loop.time())

            watch = guard().watch(right, subject, ended)
            try:
                yield
            finally:
                watch.close()
    except TimeoutError:
        if lost and scope.expired():
            raise RightLost(lost[0]) from None
        raise
