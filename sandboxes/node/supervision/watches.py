"""The sessions that run on this node: waited for, watched, and their ends recorded."""

from __future__ import annotations

import asyncio
import contextlib

from sandboxes.engine import SandboxHandle
from sandboxes.host import handles
from sandboxes.models import SandboxSession
from sandboxes.node import sessions
from sandboxes.node.supervision.loop import Loop
from sandboxes.node.supervision.network import NetworkWatch
from sandboxes.node.supervision.session import SessionWatch
from sandboxes.services import network

SESSION_START_SECONDS = 30.0


class Watches:
    """Lives in the loop; only `start_event` may be called from elsewhere."""

    def __init__(self, loop: Loop, network: NetworkWatch) -> None:
        self._loop = loop
        self._network = network
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
            if not self._network.serves(session_id):  # this worker has found it running
                self._loop.spawn(self._reopen_network(session_id, handle))

    def close(self) -> None:
        """Look away; the sessions live on."""
        for session_id in self.ids():
            self.look_away(session_id)

    def look_away(self, session_id: str) -> None:
        """Stop watching a session; it lives on, and may be watched again."""
        if watch := self._watches.pop(session_id, None):
            watch.close()

    async def _reopen_network(self, session_id: str, handle: SandboxHandle) -> None:
        policy = await self._loop.rows.call(network.live_policy, session_id)
        await self._network.open(session_id, handle, policy)

    def _ended(self, session_id: str) -> None:
        self._loop.spawn(self._network.drop(session_id))
        self._watches.pop(session_id, None)
        self._started.pop(session_id, None)
        self._loop.spawn(self._record_end(session_id))

    async def _record_end(self, session_id: str) -> None:
        def record() -> None:
            session = SandboxSession.objects.get(pk=session_id)
            reason = sessions.reason_of_disappearance(session)
            if handle := handles.handle_of(session):
                sessions.end_processes(session_id, handle)  # removes what it leaves on the host
            sessions.ended(session_id, SandboxSession.Status.STOPPED, reason)

        await self._loop.rows.call(record)
