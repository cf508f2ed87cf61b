"""Carries messages to webhooks: in one event loop, fair among their owners, each within a time.

A receiver may be slow, silent or hostile. It holds a place of its owner and of its webhook, and
nobody else's.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache, partial
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.db import close_old_connections, connection, connections

from vibe.jobs.threads import Threads
from vibe.webhooks import sending
from vibe.webhooks.services import deliveries

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

ATTEMPT_SECONDS = 10.0  # from the name's look-up to the answer's status, however it drips
# Attempts at once: of all, of one owner, of one webhook.
MOST, MOST_OF_OWNER, MOST_OF_WEBHOOK = 32, 4, 2
# How soon an attempt ends whose webhook was removed, or whose owner may not sign in any more.
LOOK_SECONDS = 1.0
STOP_SECONDS = 5.0


class Courier:
    """`wake` and `close` may be called in any thread; everything else belongs to its loop.

    Rows are the truth: what is due stands in the database, and what this knows is only whom to
    look for.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._loop = asyncio.new_event_loop()
        self._rows = ThreadPoolExecutor(1, thread_name_prefix="webhook rows")
        self._names = Threads()
        # Whose deliveries are to be looked for, whoever has waited longest first.
        self._waiting: dict[int, None] = {}
        self._woken = asyncio.Event()
        self._attempts: dict[asyncio.Task[None], deliveries.Attempt] = {}
        self._abandoned: Counter[int] = Counter()

    def wake(self, *owners: int) -> None:
        """Send what is due to webhooks of these users, in the background."""
        with self._lock:
            if self._closed or not owners:
                return
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="webhooks", daemon=True)
                self._thread.start()
            self._loop.call_soon_threadsafe(self._look_for, owners)

    def close(self) -> None:
        """Break off what is under way, so that it is due again, and end."""
        with self._lock:
            self._closed = True
            thread = self._thread
        if thread is None:
            self._loop.close()
        elif thread.is_alive():
            with suppress(RuntimeError):  # it has just ended
                self._loop.call_soon_threadsafe(self._woken.set)
            thread.join(STOP_SECONDS)
        self._rows.shutdown(wait=False)
        self._names.close()

    def _work(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._deliver())

    def _look_for(self, owners: tuple[int, ...]) -> None:
        for owner in owners:
            self._waiting.setdefault(owner)
        self._woken.set()

    async def _deliver(self) -> None:
        """Begin attempts, one owner after the other, until this is closed."""
        watch = asyncio.create_task(self._watch())
        try:
            while not self._closed:
                await self._woken.wait()
                self._woken.clear()
                while not self._closed and (owner := self._next()) is not None:
                    await self._begin(owner)
        finally:
            for task in (watch, *self._attempts):
                task.cancel()
            await asyncio.gather(watch, *self._attempts, return_exceptions=True)
            await self._with_rows(connections.close_all)

    def _next(self) -> int | None:
        """Whose turn it is; None when nobody waits, or no place is free for who does."""
        held = Counter(attempt.owner_id for attempt in self._attempts.values()) + self._abandoned
        if held.total() >= MOST:
            return None
        for owner in self._waiting:
            if held[owner] < MOST_OF_OWNER:
                del self._waiting[owner]
                return owner
        return None

    async def _begin(self, owner: int) -> None:
        held = Counter(attempt.webhook_id for attempt in self._attempts.values())
        busy = [webhook for webhook, count in held.items() if count >= MOST_OF_WEBHOOK]
        try:
            attempt = await self._with_rows(deliveries.claim, owner, busy)
        except Exception:  # the loop must outlive it; the periodic job asks again
            logger.exception("deliveries of user %s could not be looked for", owner)
            return
        if attempt is not None:
            self._waiting.setdefault(owner)  # behind all others
            task = asyncio.create_task(self._attempt(attempt))
            self._attempts[task] = attempt
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        attempt = self._attempts.pop(task)
        self._look_for((attempt.owner_id,))
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("delivery %s failed", attempt.delivery_id, exc_info=error)

    async def _attempt(self, attempt: deliveries.Attempt) -> None:
        status, error = None, ""
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS):
                status = await sending.post(
                    attempt.url,
                    attempt.body,
                    attempt.headers,
                    resolve=partial(self._resolve, attempt.owner_id),
                    allow_private=settings.WEBHOOK_PRIVATE,
                )
        except sending.NotSent as failure:
            error = str(failure)
        except TimeoutError:
            error = f"No answer came within {ATTEMPT_SECONDS:.0f} s."
        except asyncio.CancelledError:
            await self._with_rows(deliveries.give_back, attempt)
            raise
        except Exception:
            logger.exception("delivery %s failed", attempt.delivery_id)
            error = "It could not be sent; the platform's log says why."
        await self._with_rows(deliveries.settle, attempt, status, error)

    async def _resolve(self, owner: int, host: str) -> list[str]:
        """A look-up cannot be broken off: one that is given up holds a place of its owner until
        the system's resolver is done with it."""
        answer: asyncio.Future[list[str] | OSError] = self._loop.create_future()

        def look_up() -> None:
            try:
                entries = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
                found: list[str] | OSError = [str(entry[4][0]) for entry in entries]
            except (OSError, UnicodeError) as error:
                found = error if isinstance(error, OSError) else OSError(str(error))
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(answer.set_result, found)

        self._names.start(f"name {host[:40]}", look_up)
        try:
            found = await asyncio.shield(answer)
        except asyncio.CancelledError:
            self._abandoned[owner] += 1
            answer.add_done_callback(lambda _: self._come_back(owner))
            raise
        if isinstance(found, OSError):
            raise found
        return found

    def _come_back(self, owner: int) -> None:
        self._abandoned[owner] -= 1
        self._look_for((owner,))

    async def _watch(self) -> None:
        """End the attempts that nobody wants any more."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if not self._attempts:
                continue
            asked = {attempt.webhook_id for attempt in self._attempts.values()}
            try:
                wanted = await self._with_rows(deliveries.wanted, asked)
            except Exception:  # whoever is not asked for goes on to the end of its time
                logger.exception("webhooks could not be looked for")
                continue
            for task, attempt in self._attempts.items():
                if attempt.webhook_id in asked - wanted:
                    task.cancel()

    async def _with_rows(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run what uses the database in the one thread for that."""

        def run() -> T:
            if connection.vendor != "sqlite":
                close_old_connections()
            return function(*args, **kwargs)

        return await self._loop.run_in_executor(self._rows, run)


@cache
def courier() -> Courier:
    """That of this process."""
    return Courier()
