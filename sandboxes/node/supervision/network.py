"""The way out of the sandboxes of this node: opened at their start, taken up after a restart."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from typing import Any

from sandboxes.engine import EngineError, Level, RequestRefused, SandboxHandle, levels
from sandboxes.engine.egress.supervised import SupervisedProxy
from sandboxes.engine.link import opening
from sandboxes.host import handles, registries, way_out
from sandboxes.node.supervision.loop import Loop
from sandboxes.services import network_history, refused_hosts

logger = logging.getLogger(__name__)

# The proxy of a worker that died ends a moment after it, and only then is the port free.
HAND_OVER_SECONDS = 5.0
REFRESH_SECONDS, RETRY_SECONDS = 3600.0, 60.0
# Asking the package managers takes a second of a processor, which others need at a start.
CALM_SECONDS = 3.0
SETTLE_SECONDS = 1.0


class NetworkWatch:
    """Everything here runs in the loop."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._proxy: SupervisedProxy | None = None
        self._finding: asyncio.Task[None] | None = None

    async def open(self, session_id: str, handle: SandboxHandle, policy: dict[str, Any]) -> None:
        """Let a sandbox out as its policy says; without a way out when that fails."""
        if not levels.closes_network(handle.level) or self.serves(session_id):
            return
        link: asyncio.Task[list[socket.socket]] | None
        link = asyncio.create_task(self._link(session_id, handle))
        try:
            agent = handles.agent_of(handle)
            deadline = time.monotonic() + HAND_OVER_SECONDS
            while True:
                try:
                    # An account of its own: nobody waits for a sandbox that was broken before.
                    listener = await self._loop.ask(
                        f"session {session_id}", session_id, agent.listen, handle.proxy_port
                    )
                    break
                except RequestRefused as refusal:
                    if refusal.code != "in_use" or time.monotonic() > deadline:
                        raise
                    await asyncio.sleep(0.1)
            proxy = await self._running()
            sockets = await link
            link = None  # they are the proxy's, also if it fails: the next one has them
            await proxy.serve(session_id, listener, policy, sockets)
        except (EngineError, OSError) as error:
            logger.warning("session %s has no way out: %s", session_id, error)
            await self._loop.rows.call(network_history.record_failure, session_id, str(error))
        finally:
            if link is not None:
                for sock in await link:
                    sock.close()

    async def _link(self, session_id: str, handle: SandboxHandle) -> list[socket.socket]:
        """The other end of its interface; nothing where there can be none, and it is said why."""
        if handle.level != Level.FULL:
            return []
        try:
            return await self._loop.in_thread(opening.open_link, handle)
        except EngineError as error:
            logger.warning("session %s: %s", session_id, error)
            await self._loop.rows.call(network_history.record_no_link, session_id, str(error))
            return []

    async def prepare(self) -> None:
        """Look for registries, so that the first sandbox need not wait for that."""
        await self._running()

    def serves(self, session_id: str) -> bool:
        return self._proxy is not None and self._proxy.serves(session_id)

    async def change(self, session_id: str, policy: dict[str, Any]) -> None:
        """Put a policy into force now. Raises EngineError."""
        if self._proxy is not None:
            await self._proxy.change(session_id, policy)

    async def told(self, session_id: str) -> None:
        """Returns once the rows' thread has, ahead of what it is given from now on, every decision
        of the session up to here."""
        if self._proxy is not None:
            await self._proxy.told(session_id)

    async def settle(self, session_id: str) -> None:
        """Return when what a session has moved so far is on its row; after a moment anyway."""
        if self._proxy is None:
            return
        with contextlib.suppress(TimeoutError, EngineError):
            async with asyncio.timeout(SETTLE_SECONDS):
                await self._proxy.settle(session_id)
                await self._loop.rows.call(lambda: None)  # behind what that has asked for

    async def drop(self, session_id: str) -> None:
        if self._proxy is not None:
            await self._proxy.drop(session_id)

    @property
    def proxy_pid(self) -> int | None:
        """Process of the proxy that sandboxes reach the network by, if there is one."""
        return None if self._proxy is None else self._proxy.pid

    async def close(self) -> None:
        if self._finding is not None:
            self._finding.cancel()
        if self._proxy is not None:
            await self._proxy.close()

    async def _running(self) -> SupervisedProxy:
        if self._proxy is None:
            settings = await self._loop.in_thread(way_out.proxy_settings)
            if self._proxy is None:  # another session may have been as fast
                self._proxy = SupervisedProxy(settings, self._decided, self._moved)
                self._finding = asyncio.create_task(self._find(), name="registries")
        return self._proxy

    async def _find(self) -> None:
        """What was found the last time is good at once; then look again, now and every hour."""
        assert self._proxy is not None
        while True:
            try:
                known = await self._loop.in_thread(registries.known)
                if known is not None:
                    await self._proxy.set_registries(known)
                    await asyncio.sleep(CALM_SECONDS)
                found = await asyncio.get_running_loop().run_in_executor(None, registries.refreshed)
                await self._proxy.set_registries(found)
            except (EngineError, OSError, ValueError):
                logger.exception("the package registries of this machine could not be found")
            fresh = await self._loop.in_thread(registries.are_fresh)
            await asyncio.sleep(REFRESH_SECONDS if fresh else RETRY_SECONDS)

    def _decided(self, session_id: str, decisions: list[dict[str, Any]]) -> None:
        async def record() -> None:
            await self._loop.rows.call(refused_hosts.record, session_id, decisions)

        self._loop.spawn(record())

    def _moved(self, session_id: str, ingress: int, egress: int) -> None:
        async def record() -> None:
            await self._loop.rows.call(network_history.record_traffic, session_id, ingress, egress)

        self._loop.spawn(record())
