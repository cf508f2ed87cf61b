"""Threads for what blocks, of which each owner has a share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from typing import ParamSpec, TypeVar

from vibe.shares.shares import Release, Shares

P = ParamSpec("P")
T = TypeVar("T")


class SharedThreads:
    """As many threads as there are places; made on demand."""

    def __init__(self, name: str, shares: Shares) -> None:
        self.shares = shares
        self._threads = ThreadPoolExecutor(shares.total, thread_name_prefix=name)

    async def run(
        self, owner: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """What the function returns or raises. Raises Busy when no thread became free in time.

        A caller who is cancelled leaves at once; the place is held until the function has ended.
        """
        release = await self.shares.take(owner)
        context = copy_context()
        try:
            work = self._threads.submit(lambda: context.run(function, *args, **kwargs))
        except BaseException:
            release()
            raise
        work.add_done_callback(_then(release))
        return await asyncio.wrap_future(work)

    def close(self) -> None:
        """What has not begun does not begin."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _then(release: Release) -> Callable[[Future[T]], None]:
    def ended(_work: Future[T]) -> None:
        with suppress(RuntimeError):
            release()

    return ended
