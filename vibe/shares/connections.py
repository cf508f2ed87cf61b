"""Connections that stay open: WebSockets, streams, requests that wait."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from vibe.shares.shares import Release, Shares

# Of all users together; each holds a descriptor and some memory.
TOTAL = 10_000


async def take(owner: str) -> Release:
    """Count one more for its owner; what it returns ends that. Raises Busy at once."""
    return await _shares().take(owner)


@cache
def _shares() -> Shares:
    each = settings.CONNECTIONS_PER_USER
    return Shares("open connections", total=TOTAL, each=each, patience=0)
