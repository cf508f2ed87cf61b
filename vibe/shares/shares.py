"""A number of places that many want: each owner has a share, a queue and a deadline.

After the fair queuing of Kubernetes' API Priority and Fairness: an owner who wants much waits
behind himself, and places that become free go to the owners in turn.
"""

from __future__ import annotations

import asyncio
import math
import threading
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from vibe.refusal import Code, Refusal

Release = Callable[[], None]


class Busy(Refusal):
    """No place became free in time. `limit`: the owner holds his whole share himself;
    `unavailable`: others hold them all."""


@dataclass
class _Waiter:
    """`granted` is called once, with the lock held, when a place is his."""

    granted: Callable[[], None]
    has_place: bool = field(default=False)


class Shares:
    """Safe in threads and event loops alike.

    what: what a place is for, in the plural, as people are told: "requests". total: places of
    all. each: those that one owner may hold. waiting: how many may wait for one owner. patience:
    seconds after which who waits is refused.
    """

    def __init__(
        self, what: str, *, total: int, each: int, waiting: int = 64, patience: float = 5.0
    ) -> None:
        self.what = what
        self.total = total
        self.each = each
        self.waiting = waiting
        self.patience = patience
        self._lock = threading.Lock()
        self._held: Counter[str] = Counter()
        self._taken = 0
        self._queues: OrderedDict[str, deque[_Waiter]] = OrderedDict()

    def held(self, owner: str | None = None) -> int:
        """Places that are taken, of all or of one owner."""
        return self._taken if owner is None else self._held[owner]

    async def take(self, owner: str) -> Release:
        """Wait for a place in the event loop; what it returns gives it back, from any thread and
        once. Raises Busy."""
        loop = asyncio.get_running_loop()
        granted: asyncio.Future[None] = loop.create_future()

        def grant() -> None:
            loop.call_soon_threadsafe(_resolve, granted)

        waiter = self._enter(owner, grant)
        if waiter.has_place:
            return self._release_of(owner)
        try:
            async with asyncio.timeout(self.patience):
                await granted
        except BaseException as error:
            if self._withdraw(owner, waiter):
                self._give_back(owner)  # it came just as we left
            if isinstance(error, TimeoutError):
                raise self._busy(owner) from None
            raise
        return self._release_of(owner)

    def take_free(self, owner: str) -> Release | None:
        """A place that is free now, as of `take`; None where one would have to wait."""
        with self._lock:
            if owner in self._queues or not self._has_room(owner):
                return None
            self._taken += 1
            self._held[owner] += 1
        return self._release_of(owner)

    def take_now(self, owner: str) -> Release:
        """Like `take`, in a thread that may wait."""
        granted = threading.Event()
        waiter = self._enter(owner, granted.set)
        if (
            not waiter.has_place
            and not granted.wait(self.patience)
            and not self._withdraw(owner, waiter)
        ):
            raise self._busy(owner)
        return self._release_of(owner)

    @asynccontextmanager
    async def place(self, owner: str) -> AsyncIterator[None]:
        """Hold a place in the event loop. Raises Busy."""
        release = await self.take(owner)
        try:
            yield
        finally:
            release()

    @contextmanager
    def place_now(self, owner: str) -> Iterator[None]:
        """Hold a place in a thread. Raises Busy."""
        release = self.take_now(owner)
        try:
            yield
        finally:
            release()

    def _enter(self, owner: str, granted: Callable[[], None]) -> _Waiter:
        waiter = _Waiter(granted)
        with self._lock:
            if self._has_room(owner) and owner not in self._queues:
                self._occupy(owner, waiter)
                return waiter
            if self.patience <= 0 or len(self._queues.get(owner, ())) >= self.waiting:
                raise self._busy(owner)
            self._queues.setdefault(owner, deque()).append(waiter)
        return waiter

    def _withdraw(self, owner: str, waiter: _Waiter) -> bool:
        """Stop waiting; True when a place has been granted all the same."""
        with self._lock:
            if waiter.has_place:
                return True
            queue = self._queues[owner]
            queue.remove(waiter)
            if not queue:
                del self._queues[owner]
            return False

    def _has_room(self, owner: str) -> bool:
        return self._taken < self.total and self._held[owner] < self.each

    def _occupy(self, owner: str, waiter: _Waiter) -> None:
        waiter.has_place = True
        self._taken += 1
        self._held[owner] += 1

    def _release_of(self, owner: str) -> Release:
        once = iter((True,))

        def release() -> None:
            if next(once, False):
                self._give_back(owner)

        return release

    def _give_back(self, owner: str) -> None:
        with self._lock:
            self._taken -= 1
            self._held[owner] -= 1
            if not self._held[owner]:
                del self._held[owner]
            self._pass_on()

    def _pass_on(self) -> None:
        """Give free places to the first owners in turn that may have one."""
        while self._taken < self.total:
            following = next((o for o in self._queues if self._held[o] < self.each), None)
            if following is None:
                return
            queue = self._queues[following]
            waiter = queue.popleft()
            if queue:
                self._queues.move_to_end(following)
            else:
                del self._queues[following]
            self._occupy(following, waiter)
            try:
                waiter.granted()
            except RuntimeError:  # its event loop has ended
                self._taken -= 1
                self._held[following] -= 1

    def _busy(self, owner: str) -> Busy:
        seconds = max(1, math.ceil(self.patience / 2))
        if self._held[owner] >= self.each:
            return Busy(
                f"You have {self.each} {self.what} under way, which is your share.",
                f"Let one of them end, then try again in {seconds} s.",
                Code.LIMIT,
                retry_after=seconds,
            )
        return Busy(
            f"The platform is busy: all places for {self.what} are taken.",
            f"Try again in {seconds} s.",
            Code.UNAVAILABLE,
            retry_after=seconds,
        )


def _resolve(granted: asyncio.Future[None]) -> None:
    if not granted.done():
        granted.set_result(None)
