"""The sessions that run on this node: waited for, watched, and their ends recorded."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from sandboxes.engine import SandboxHandle
from sandboxes.host import handles
from sandboxes.models import SandboxSession
from sandboxes.node import sessions
from sandboxes.node.supervision.session import SessionWatch
from sandboxes.services import network

if TYPE_CHECKING:
    from sandboxes.node.supervision.supervisor import Supervisor

SESSION_START_SECONDS = 30.0


class Watches:
    """Lives in the supervisor's loop; only `start_event` may be called from elsewhere."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor
        self._watches: dict[str, SessionWatch] = {}
        self._started: dict[str, asyncio.Event] = {}

    def ids(self) -> set[str]:
        """Ids of the sessions that run."""
        return set(self._watches)

    def running(self) -> dict[str, tuple[str, SandboxHandle]]:
        """(sandbox id, handle) of the sessions that run, by session id."""
        return {key: (watch.sandbox_id, watch.handle) for key, watch in self._watches.items()}

    def start_event(self, session_id: str) -> asyncio.Event:
        """Set once the session runs, or will not run after all."""
        return self._started.setdefault(session_id, asyncio.Event())

    async def wait_for_start(self, session_id: str) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SESSION_START_SECONDS):
                await self.start_event(session_id).wait()

    async def add(self, session_id: str, sandbox_id: str, handle: SandboxHandle) -> None:
        """Watch a session that runs; its waiting commands may start."""
        self.start_event(session_id).set()
        if session_id not in self._watches:
            watch = SessionWatch(session_id, sandbox_id, handle, self._ended)
            self._watches[session_id] = watch
            watch.start()
            if not self._supervisor.network.serves(session_id):  # this worker has found it running
                self._supervisor.spawn(self._reopen_network(session_id, handle))

    def close(self) -> None:
        """Look away; the sessions live on."""
        for watch in list(self._watches.values()):
            watch.close()

    async def _reopen_network(self, session_id: str, handle: SandboxHandle) -> None:
        policy = await self._supervisor.rows.call(network.live_policy, session_id)
        await self._supervisor.network.open(session_id, handle, policy)

    def _ended(self, session_id: str) -> None:
        self._supervisor.spawn(self._supervisor.network.drop(session_id))
        self._watches.pop(session_id, None)
        self._started.pop(session_id, None)
        self._supervisor.spawn(self._record_end(session_id))

    async def _record_end(self, session_id: str) -> None:
        def record() -> None:
            session = SandboxSession.objects.get(pk=session_id)
            reason = sessions.reason_of_disappearance(session)
            if handle := handles.handle_of(session):
                handles.engine_of(handle).kill(handle)  # removes what it leaves on the host
            sessions.ended(session_id, SandboxSession.Status.STOPPED, reason)

        await self._supervisor.rows.call(record)
