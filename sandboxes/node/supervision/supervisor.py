"""The sandbox worker's event loop: it looks after every session and command of its node."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from sandboxes.engine import EngineError, SandboxGone, SandboxHandle
from sandboxes.host import handles
from sandboxes.models import Command, SandboxSession
from sandboxes.node import runs
from sandboxes.node.supervision.command import CommandRun, Outcome
from sandboxes.node.supervision.limits import LimitWatch
from sandboxes.node.supervision.loop import Loop
from sandboxes.node.supervision.network import NetworkWatch
from sandboxes.node.supervision.remains import RemainsWatch
from sandboxes.node.supervision.usage import UsageWatch
from sandboxes.node.supervision.watches import Watches
from sandboxes.services import commands, network

logger = logging.getLogger(__name__)

Result = TypeVar("Result")


class Supervisor:
    """What the node's jobs, in their threads, hand work to: it goes on in the loop's thread."""

    def __init__(self) -> None:
        self.loop = Loop()
        self._events = ThreadPoolExecutor(1, thread_name_prefix="events")
        # Everything that a job is busy with, and those of it that have been claimed.
        self._taken: set[str] = set()
        self._runs: dict[str, CommandRun] = {}
        self.network = NetworkWatch(self.loop)
        self.watches = Watches(self.loop, self.network)
        self.limits = LimitWatch(self.loop, self.watches, self.runs)
        self._usage = UsageWatch(self.loop, self.watches, self.limits)
        self._remains = RemainsWatch(self.loop, self.watches)
        self._stopping = False
        self.loop.call(self._look())

    # --- called by jobs, from their threads -----------------------------------------------------

    def begin(self, work: Coroutine[Any, Any, Result]) -> Future[Result]:
        """Hand over what takes long; nobody has to wait in a thread for its end."""
        return self.loop.begin(work)

    def stop_command(self, command_id: str) -> None:
        self.loop.call(self._stop_command(command_id))

    def watch(self, session: SandboxSession) -> None:
        """Notice the end of a running session, and let its waiting commands start."""
        handle = handles.handle_of(session)
        assert handle is not None
        self.loop.call(self.watches.add(session.id, session.sandbox_id, handle))

    def prepare_network(self) -> None:
        """Look for registries before the first sandbox needs them."""
        self.loop.soon(lambda: self.loop.spawn(self.network.prepare()))

    def open_network(self, session: SandboxSession, handle: SandboxHandle) -> None:
        """Open the way out of a session that has started, before any command runs in it."""
        policy = network.live_policy(session.id)
        self.loop.call(self.network.open(session.id, handle, policy))

    def change_network(self, session_id: str) -> None:
        """Put the policy that the row holds into force."""
        self.loop.call(self.network.change(session_id, network.live_policy(session_id)))
        network.applied(session_id)

    def settle_network(self, session_id: str) -> None:
        """Write down what a session has sent and got, before it ends."""
        self.loop.call(self.network.settle(session_id))

    def session_settled(self, session_id: str) -> None:
        """A session will not start after all: its waiting commands look again."""
        self.loop.soon(self.watches.start_event(session_id).set)

    def supervised(self) -> frozenset[str]:
        """Ids of the commands that are being looked after."""
        return frozenset(self._taken)

    def close(self) -> None:
        """Let go of every command (they live on), store what is in hand, end the loop."""
        if self._stopping:
            return
        self._stopping = True
        try:
            self.loop.call(self._close())
        finally:
            self.loop.stop()
            self._events.shutdown(wait=True)

    # --- in the loop ----------------------------------------------------------------------------

    def runs(self) -> list[CommandRun]:
        """The commands that are being looked after."""
        return list(self._runs.values())

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
        claim = await self.loop.rows.call(runs.claim, command_id)
        if claim is not None and claim.session.status == SandboxSession.Status.PENDING:
            await self.watches.wait_for_start(claim.session.id)
            claim = await self.loop.rows.call(runs.claim, command_id)
        if claim is None:
            return Outcome.FINISHED
        handle = handles.handle_of(claim.session)
        if handle is None or claim.session.status not in SandboxSession.LIVE:
            await self._fail(command_id, Command.Cause.SANDBOX_STOPPED, claim.session.error)
            return Outcome.FINISHED
        run = CommandRun(
            self.loop,
            claim,
            handles.agent_of(handle),
            starved=self.limits.had_no_process_left,
            ended=self._announce_end,
        )
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
        run = self._runs.get(command_id)
        self.loop.spawn(run.end() if run else self._remains.end(command_id))

    async def _fail(self, command_id: str, cause: str, error: str) -> None:
        await self.loop.rows.call(runs.failed, command_id, cause, error)

    async def _close(self) -> None:
        for watching in self._watching:
            watching.cancel()
        for run in self._runs.values():
            run.detach()
        while self._runs:
            await asyncio.sleep(0.01)
        self.watches.close()
        await self.network.close()
        await self.loop.finish()

    async def _look(self) -> None:
        self._watching = [
            asyncio.create_task(self.limits.run(), name="limits"),
            asyncio.create_task(self._usage.run(), name="usage"),
            asyncio.create_task(self._remains.run(), name="remains"),
        ]

    def _announce_end(self, command: Command) -> None:
        self._events.submit(commands.announce_end, command)
