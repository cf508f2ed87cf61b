"""Kept-alive connections and the number of requests under way, by sandbox."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

import httpcore
from django.conf import settings

from sandboxes.preview.access import Access
from sandboxes.preview.host import Target
from sandboxes.preview.upstream import SandboxBackend
from vibe.shares import Shares

IDLE_AFTER = 30.0  # seconds
# Requests and WebSockets under way. Pages of dev servers ask for hundreds of modules at once: what
# is too much waits for its turn, behind others of the same sandbox alone.
_places = Shares(
    "requests to this sandbox",
    total=10_000,
    each=settings.PREVIEW_REQUESTS,
    waiting=2_000,
    patience=20.0,
)


@dataclass
class Pool:
    """The connections to one port of one session of a sandbox."""

    session_id: str
    connections: httpcore.AsyncConnectionPool
    loop: asyncio.AbstractEventLoop
    in_use: int = 0
    used_at: float = field(default_factory=time.monotonic)


_pools: dict[Target, Pool] = {}


def slot(sandbox_id: str) -> AbstractAsyncContextManager[None]:
    """Wait for one of the sandbox's places and hold it. Raises Busy when none becomes free."""
    return _places.place(sandbox_id)


@contextlib.asynccontextmanager
async def connections(
    target: Target, access: Access
) -> AsyncIterator[httpcore.AsyncConnectionPool]:
    """Give the pool of the target's present session; drop what belongs to an earlier one."""
    await _drop_stale()
    pool = _pools.get(target)
    loop = asyncio.get_running_loop()
    if pool is not None and (pool.session_id != access.session_id or pool.loop is not loop):
        await drop(target.sandbox_id)
        pool = None
    if pool is None:
        pool = Pool(
            session_id=access.session_id,
            connections=httpcore.AsyncConnectionPool(
                max_connections=settings.PREVIEW_REQUESTS,
                max_keepalive_connections=settings.PREVIEW_REQUESTS,
                keepalive_expiry=IDLE_AFTER,
                network_backend=SandboxBackend(target),
            ),
            loop=loop,
        )
        _pools[target] = pool
    pool.in_use += 1
    try:
        yield pool.connections
    finally:
        pool.in_use -= 1
        pool.used_at = time.monotonic()


async def drop(sandbox_id: str) -> None:
    """Close all connections of a sandbox that stopped or was deleted."""
    for target in [t for t in _pools if t.sandbox_id == sandbox_id]:
        await _close(_pools.pop(target))


async def _drop_stale() -> None:
    now = time.monotonic()
    stale = [t for t, p in _pools.items() if not p.in_use and now - p.used_at > IDLE_AFTER]
    for target in stale:
        await _close(_pools.pop(target))


async def _close(pool: Pool) -> None:
    # Connections of a loop that has ended ended with it.
    if pool.loop is asyncio.get_running_loop():
        await pool.connections.aclose()
