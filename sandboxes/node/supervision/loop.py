"""The event loop of the sandbox worker, and the threads beside it for what blocks."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from sandboxes.engine import AgentTimeout
from sandboxes.output.live import LiveOutput
from sandboxes.output.pipes import ScratchPipe
from sandboxes.output.rows import RowWriter
from vibe.shares import Busy, SharedThreads, Shares

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

# An agent that does not answer holds up its own calls, and then those of its owner, and nobody
# else's. Each call has its deadline; who waits for a turn has done so for too long after this.
CALLS, CALLS_PER_OWNER, CALLS_PER_SANDBOX = 48, 16, 4
WAITING, PATIENCE = 10_000, 1800.0
# For what no sandbox can draw out.
OWN_THREADS = 8
# What is being recorded when the worker stops gets its time; a grace that runs ends with it.
LAST_SECONDS = 1.0


class Loop:
    """Runs in a thread of its own from its making until stop()."""

    live: LiveOutput
    rows: RowWriter

    def __init__(self) -> None:
        self.scratch = ScratchPipe()
        self._agents = SharedThreads(
            "agent",
            Shares(
                "calls to sandboxes",
                total=CALLS,
                each=CALLS_PER_OWNER,
                waiting=WAITING,
                patience=PATIENCE,
            ),
        )
        self._sandboxes = Shares(
            "calls to a sandbox",
            total=1_000_000,
            each=CALLS_PER_SANDBOX,
            waiting=WAITING,
            patience=PATIENCE,
        )
        self._threads = ThreadPoolExecutor(OWN_THREADS, thread_name_prefix="node")
        self._tasks: set[asyncio.Task[Any]] = set()
        self._ended = False
        self._ending = threading.Lock()
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._main, args=(ready,), name="supervisor")
        self._thread.daemon = True
        self._thread.start()
        ready.wait()

    # --- from other threads ---------------------------------------------------------------------

    def begin(self, work: Coroutine[Any, Any, Result]) -> Future[Result]:
        """Hand over what takes long; nobody has to wait in a thread for its end. What is not done
        when the loop ends is cancelled. Raises RuntimeError when it has ended."""
        with self._ending:
            if not self._ended:
                return asyncio.run_coroutine_threadsafe(work, self._loop)
        work.close()
        raise RuntimeError("The worker stops, and takes no more work.")

    def call(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run it in the loop and wait for what it gives."""
        return self.begin(work).result()

    def soon(self, function: Callable[[], object]) -> None:
        """Call a function in the loop; nobody waits."""
        self._loop.call_soon_threadsafe(function)

    def stop(self) -> None:
        """End the loop, after finish()."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        if not self._thread.is_alive():
            self.scratch.close()
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._agents.close()

    # --- in the loop ----------------------------------------------------------------------------

    async def ask(
        self, owner: str, session_id: str, function: Callable[..., Result], *args: Any
    ) -> Result:
        """Run a blocking call to the agent of a session, on `owner`'s account."""
        try:
            async with self._sandboxes.place(session_id):
                return await self._agents.run(owner, function, *args)
        except Busy as busy:
            raise AgentTimeout(busy.message) from None

    async def in_thread(self, function: Callable[..., Result], *args: Any) -> Result:
        """Run a blocking call that no sandbox can draw out."""
        return await self._loop.run_in_executor(self._threads, function, *args)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run in the background; an exception is logged."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._reap)

    async def finish(self) -> None:
        """Store what is in hand."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=LAST_SECONDS)
            for task in late:
                task.cancel()
        await self.rows.close()
        await self.live.close()

    def _main(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)

        async def prepare() -> None:  # both want the loop that runs
            self.live = LiveOutput()
            self.rows = RowWriter()

        self._loop.run_until_complete(prepare())
        ready.set()
        self._loop.run_forever()
        with self._ending:
            self._ended = True
        self._loop.run_until_complete(self._give_up())
        self._loop.close()

    async def _give_up(self) -> None:
        """Tell those that wait in their threads for what was handed over last, and is not done."""
        await asyncio.sleep(0)  # what was handed over becomes a task first
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=LAST_SECONDS) if left else None

    def _reap(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logger.error("background work failed", exc_info=task.exception())
