"""One command, from its start (or its rediscovery) to its recorded end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from enum import Enum
from typing import Any, TypeVar

from django.utils import timezone

from sandboxes.engine import (
    AgentClient,
    CommandExit,
    EngineError,
    RequestRefused,
    RunningCommand,
    SandboxGone,
)
from sandboxes.engine.spec import GRACE
from sandboxes.models import Command
from sandboxes.node import runs
from sandboxes.node.supervision.loop import Loop
from sandboxes.output.lines import LineCounter
from sandboxes.output.reader import OutputReader
from sandboxes.output.rows import CommandRows
from sandboxes.services import activity
from vibe.shares.owner import of_user

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

# How long after a command's end its pipes may still be held open by what it left behind.
PIPE_GRACE_SECONDS = 0.25
# The first output goes ahead of the news that a command runs; one that has ended by then is
# recorded once and not twice.
START_SECONDS = 0.01


class Outcome(Enum):
    FINISHED = "finished"
    # This worker stops; the command lives on, and the next worker takes it up.
    DETACHED = "detached"


class CommandRun:
    """Looks after one claimed command until it has ended or the worker stops."""

    def __init__(
        self,
        loop: Loop,
        claim: runs.Claim,
        agent: AgentClient,
        *,
        starved: Callable[[str, float], bool],
        decided: Callable[[str], Awaitable[None]],
        ended: Callable[[Command], None],
    ) -> None:
        """`starved` says whether a session had no process left since a moment (monotonic), and is
        asked in the database's thread; `decided` waits until what the network refused a session
        is on its way to the rows; `ended` hears of the command once its end is recorded."""
        self._loop = loop
        self._starved = starved
        self._decided = decided
        self._ended = ended
        self._claim = claim
        self._agent = agent
        self._detaching = asyncio.Event()
        self.id = claim.command.id
        self.session_id = claim.session.id
        self._reading: OutputReader | None = None
        self._exceeded = ""

    async def run(self) -> Outcome:
        """Start or re-attach, read everything, record the end. Raises EngineError."""
        if self._claim.resumed and self._claim.command.stop_requested_at:
            self._loop.spawn(self.end())
        running = await self._take_up()
        ending: CommandExit | None = None
        starting: asyncio.TimerHandle | None = None
        try:
            reader = self._reading = self._reader(running)
            if self._claim.resumed:
                await reader.recover()
            self._start = runs.Start(timezone.now(), running.pid)
            if not running.failed:
                loop = asyncio.get_running_loop()
                starting = loop.call_later(START_SECONDS, self._record_start_soon)
            reading = asyncio.create_task(reader.read())
            try:
                ended, ending = await self._ending(running)
                reader.hurry()
            finally:
                if not self._detaching.is_set():
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(PIPE_GRACE_SECONDS):
                            await asyncio.shield(reading)
                reader.stop()
                await reading
            if not ended:
                await self._loop.rows.flush()
                return Outcome.DETACHED
            await reader.drain()
            # Whoever hears of the end then knows what was refused to it.
            await self._decided(self.session_id)
            await self._record(reader, await self._settled(ending))
        finally:
            if starting is not None:
                starting.cancel()
            running.close()
        if ending is not None:
            with contextlib.suppress(EngineError):
                await self._ask(self._agent.release, self.id)
        return Outcome.FINISHED

    async def end(self, grace: float = GRACE) -> None:
        """Ask for the end of all that it has started; the agent sees to it."""
        with contextlib.suppress(EngineError):
            await self._ask(self._agent.end, self.id, grace)

    def detach(self) -> None:
        self._detaching.set()

    @property
    def printed(self) -> int:
        """Bytes of output so far."""
        return self._reading.offset if self._reading else 0

    def exceeded(self, cause: str) -> None:
        """End it at once, because it has used up what a Cause stands for."""
        if not self._exceeded:
            self._exceeded = cause
            self._loop.spawn(self.end(0.0))

    async def _ask(self, function: Callable[..., Result], *args: Any) -> Result:
        owner = of_user(self._claim.command.sandbox.owner_id)
        return await self._loop.ask(owner, self.session_id, function, *args)

    async def _take_up(self) -> RunningCommand:
        if self._claim.resumed:
            try:
                return await self._ask(self._agent.attach, self.id)
            except RequestRefused as error:
                if error.code != "not_found":
                    raise
        try:
            return await self._ask(self._agent.exec, self._claim.spec())
        except RequestRefused as error:
            if error.code != "exists":
                raise
        # The worker before this one died between starting it and recording that.
        stored, lines = await self._loop.rows.call(runs.written, self.id)
        self._claim = replace(self._claim, resumed=True, stored=stored, lines=lines)
        return await self._ask(self._agent.attach, self.id)

    def _record_start_soon(self) -> None:
        if self._claim.command.status != Command.Status.RUNNING:
            self._loop.spawn(self._record_start())

    async def _record_start(self) -> None:
        if not await self._loop.rows.call(runs.running, self._claim.command, self._start):
            await self.end()

    def _reader(self, running: RunningCommand) -> OutputReader:
        claim = self._claim
        rows = CommandRows(self.id, claim.stored, lines=LineCounter(claim.lines + 1))
        self._rows = rows
        loop = self._loop
        reader = OutputReader(running, loop.live, loop.rows, loop.scratch, rows)
        if claim.command.tty:
            reader.on_output = self._terminal_shows
        return reader

    def _terminal_shows(self) -> None:
        """A terminal in which something happens is in use, watched or not."""
        if activity.is_due(self.session_id):
            self._loop.spawn(self._touch())

    async def _touch(self) -> None:
        await self._loop.rows.call(activity.touch, self.session_id)

    async def _ending(self, running: RunningCommand) -> tuple[bool, CommandExit | None]:
        """(has it ended, how); how is None when its sandbox ended with it."""
        loop = asyncio.get_running_loop()
        news = asyncio.Event()
        descriptor = running.connection.fileno()
        loop.add_reader(descriptor, news.set)
        detaching = asyncio.create_task(self._detaching.wait())
        try:
            while True:
                arrived = asyncio.create_task(news.wait())
                await asyncio.wait({arrived, detaching}, return_when=asyncio.FIRST_COMPLETED)
                arrived.cancel()
                if self._detaching.is_set():
                    return False, None
                news.clear()
                try:
                    if ending := running.exit():
                        return True, ending
                except SandboxGone:
                    return True, None
        finally:
            detaching.cancel()
            loop.remove_reader(descriptor)

    async def _settled(self, ending: CommandExit | None) -> CommandExit | None:
        """Some of what it has left may have ended while its pipes were read to their end."""
        if ending is None or not ending.left:
            return ending
        with contextlib.suppress(EngineError):
            return replace(ending, left=await self._ask(self._agent.left, self.id))
        return ending

    def _want_of_processes(self, ending: CommandExit | None) -> str:
        """The Cause of a failure during which the sandbox had no process left, else nothing."""
        if ending is None or ending.code == 0:
            return ""
        since = time.monotonic() - ending.wall_seconds
        starved = self._starved(self.session_id, since)
        return Command.Cause.PROCESS_LIMIT if starved else ""

    async def _record(self, reader: OutputReader, ending: CommandExit | None) -> None:
        rows = self._rows

        def record() -> Command | None:
            lines = rows.lines.current - 1
            exceeded = self._exceeded or self._want_of_processes(ending)
            return runs.finished(
                self.id, ending, reader.offset, lines, start=self._start, exceeded=exceeded
            )

        command = await self._loop.rows.flush_and(record)
        await self._loop.live.finish(self.id, reader.offset)
        if command is not None:
            self._ended(command)
