"""The event loop in which checks are carried out: they wait a lot, and hold no thread for that."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from functools import cache

from chat.checking import running


class Checking:
    """A thread with an event loop, from the first check until close()."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, check_id: str) -> Future[None]:
        """Carry out a check; nobody has to wait in a thread for its end."""
        return asyncio.run_coroutine_threadsafe(self._carried_out(check_id), self._running())

    def close(self) -> None:
        """End what is under way, each as unchecked."""
        with self._lock:
            loop = self._loop
        if loop is not None:
            asyncio.run_coroutine_threadsafe(self._end(), loop).result(10.0)

    async def _carried_out(self, check_id: str) -> None:
        task = asyncio.create_task(running.run(check_id), name=f"check {check_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()

    async def _end(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="checks", daemon=True).start()
            return self._loop


@cache
def checking() -> Checking:
    """Of this process."""
    return Checking()
