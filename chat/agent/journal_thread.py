"""The one thread that writes a turn's journal, with a database connection of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import connections

P = ParamSpec("P")
R = TypeVar("R")


class JournalThread:
    """What is done in it is done in order; the turn's event loop never waits for the disk."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="journal")

    async def do(self, write: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call it there, after all before it."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, lambda: write(*args, **kwargs))

    async def shut(self) -> None:
        """Give the thread and its connection back."""
        await self.do(connections.close_all)
        self._executor.shutdown(wait=False)
