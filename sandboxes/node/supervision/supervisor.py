"""The sandbox worker's event loop: it looks after every session and command of its node."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from sandboxes.engine import EngineError, SandboxGone, SandboxHandle
from sandboxes.host import handles
from sandboxes.models import Command, SandboxSession
from sandboxes.node import runs
from sandboxes.node.supervision.command import CommandRun, Outcome
from sandboxes.node.supervision.limits import LimitWatch
from sandboxes.node.supervision.network import NetworkWatch
from sandboxes.node.supervision.usage import UsageWatch
from sandboxes.node.supervision.watches import Watches
from sandboxes.output.live import LiveOutput
from sandboxes.output.pipes import ScratchPipe
from sandboxes.output.rows import RowWriter
from sandboxes.services import commands, network

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

AGENT_THREADS = 32
# Calls that one sandbox may keep waiting: an agent that does not answer holds up its own alone.
CALLS_PER_SANDBOX = 4


class Supervisor:
    """Runs in a thread of its own; jobs, in theirs, hand it work and wait."""

    live: LiveOutput
    rows: RowWriter

    def __init__(self) -> None:
        self.scratch = ScratchPipe()
        self._threads = ThreadPoolExecutor(AGENT_THREADS, thread_name_prefix="agent")
        self._events = ThreadPoolExecutor(1, thread_name_prefix="events")
        # Everything that a job is busy with, and those of it that have been claimed.
        self._taken: set[str] = set()
        self._runs: dict[str, CommandRun] = {}
        self.watches = Watches(self)
        self.limits = LimitWatch(self)
        self.network = NetworkWatch(self)
        self._turns: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._stopping = False
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._main, args=(ready,), name="supervisor")
        self._thread.daemon = True
        self._thread.start()
        ready.wait()

    # --- called by jobs, from their threads -----------------------------------------------------

    def begin(self, work: Coroutine[Any, Any, Result]) -> Future[Result]:
        """Hand over what takes long; nobody has to wait in a thread for its end."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def stop_command(self, command_id: str) -> None:
        self._call(self._stop_command(command_id))

    def watch(self, session: SandboxSession) -> None:
        """Notice the end of a running session, and let its waiting commands start."""
        handle = handles.handle_of(session)
        assert handle is not None
        self._call(self.watches.add(session.id, session.sandbox_id, handle))

    def prepare_network(self) -> None:
        """Look for registries before the first sandbox needs them."""
        self._loop.call_soon_threadsafe(lambda: self.spawn(self.network.prepare()))

    def open_network(self, session: SandboxSession, handle: SandboxHandle) -> None:
        """Open the way out of a session that has started, before any command runs in it."""
        policy = network.live_policy(session.id)
        self._call(self.network.open(session.id, handle, policy))

    def change_network(self, session_id: str) -> None:
        """Put the policy that the row holds into force."""
        self._call(self.network.change(session_id, network.live_policy(session_id)))
        network.applied(session_id)

    def session_settled(self, session_id: str) -> None:
        """A session will not start after all: its waiting commands look again."""
        self._loop.call_soon_threadsafe(self.watches.start_event(session_id).set)

    def supervised(self) -> frozenset[str]:
        """Ids of the commands that are being looked after."""
        return frozenset(self._taken)

    def close(self) -> None:
        """Let go of every command (they live on), store what is in hand, end the loop."""
        if self._stopping:
            return
        self._stopping = True
        try:
            self._call(self._close())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(timeout=5)
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._events.shutdown(wait=True)

    # --- in the loop ----------------------------------------------------------------------------

    async def ask(self, session_id: str, function: Callable[..., Result], *args: Any) -> Result:
        """Run a blocking call to the agent of a session."""
        turn = self._turns.setdefault(session_id, asyncio.Semaphore(CALLS_PER_SANDBOX))
        async with turn:
            return await self.in_thread(function, *args)

    async def in_thread(self, function: Callable[..., Result], *args: Any) -> Result:
        """Run a blocking call that no sandbox can draw out."""
        return await self._loop.run_in_executor(self._threads, function, *args)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run in the background; an exception is logged."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._reap)

    def runs(self) -> list[CommandRun]:
        """The commands that are being looked after."""
        return list(self._runs.values())

    def announce_end(self, command: Command) -> None:
        self._events.submit(commands.announce_end, command)

    async def run_command(self, command_id: str) -> Outcome:
        """Look after a command until it has ended or this worker stops."""
        if command_id in self._taken:
            return Outcome.FINISHED
        self._taken.add(command_id)
        try:
            return await self._take_command(command_id)
        finally:
            self._taken.discard(command_id)

    async def _take_command(self, command_id: str) -> Outcome:
        claim = await self.rows.call(runs.claim, command_id)
        if claim is not None and claim.session.status == SandboxSession.Status.PENDING:
            await self.watches.wait_for_start(claim.session.id)
            claim = await self.rows.call(runs.claim, command_id)
        if claim is None:
            return Outcome.FINISHED
        handle = handles.handle_of(claim.session)
        if handle is None or claim.session.status not in SandboxSession.LIVE:
            await self._fail(command_id, Command.Cause.SANDBOX_STOPPED, claim.session.error)
            return Outcome.FINISHED
        run = CommandRun(self, claim, handles.agent_of(handle))
        self._runs[command_id] = run
        if self._stopping:
            run.detach()
        try:
            return await run.run()
        except EngineError as error:
            logger.warning("command %s: %s", command_id, error)
            # A sandbox that was killed has closed its socket a moment before it is seen as dead.
            hung_up = isinstance(error, SandboxGone)
            gone = hung_up or not handles.engine_of(handle).alive(handle)
            cause = Command.Cause.SANDBOX_STOPPED if gone else Command.Cause.START_FAILED
            await self._fail(command_id, cause, str(error))
            return Outcome.FINISHED
        finally:
            del self._runs[command_id]

    async def _stop_command(self, command_id: str) -> None:
        if run := self._runs.get(command_id):
            self.spawn(run.end())

    async def _fail(self, command_id: str, cause: str, error: str) -> None:
        await self.rows.call(runs.failed, command_id, cause, error)

    async def _close(self) -> None:
        for watching in self._watching:
            watching.cancel()
        for run in self._runs.values():
            run.detach()
        while self._runs:
            await asyncio.sleep(0.01)
        self.watches.close()
        await self.network.close()
        if self._tasks:
            # What is being recorded gets its time; a grace that runs ends with this worker.
            _, late = await asyncio.wait(self._tasks, timeout=1.0)
            for task in late:
                task.cancel()
        await self.rows.close()
        await self.live.close()

    def _call(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.begin(work).result()

    def _main(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)

        async def prepare() -> None:
            self.live = LiveOutput()
            self.rows = RowWriter()
            self._watching = [
                self._loop.create_task(self.limits.run(), name="limits"),
                self._loop.create_task(UsageWatch(self).run(), name="usage"),
            ]

        self._loop.run_until_complete(prepare())
        ready.set()
        self._loop.run_forever()

    def _reap(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logger.error("background work failed", exc_info=task.exception())
