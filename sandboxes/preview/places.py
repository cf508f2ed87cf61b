"""How many requests and sockets of one sandbox may be under way at once.

They have places of their own: sockets stay open for hours, and pages must not wait for them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from django.conf import settings

from sandboxes.preview.access import Access
from vibe.shares import Release, Shares
from vibe.shares.owner import of_user

# Pages of dev servers ask for hundreds of modules at once: what is too much waits for its turn,
# behind others of the same sandbox alone.
_requests = Shares(
    "requests to this sandbox",
    total=10_000,
    each=settings.PREVIEW_REQUESTS,
    waiting=2_000,
    patience=20.0,
)
_sockets = Shares(
    "WebSockets to this sandbox", total=20_000, each=settings.PREVIEW_SOCKETS, patience=0
)
_sockets_of_owner = Shares(
    "WebSockets to sandboxes", total=20_000, each=2 * settings.PREVIEW_SOCKETS, patience=0
)


def for_request(known: Access) -> AbstractAsyncContextManager[None]:
    """Wait for one of the sandbox's places and hold it. Raises Busy when none becomes free."""
    return _requests.place(known.sandbox_id)


def free_for_request(known: Access) -> Release | None:
    """One of the sandbox's places, to be given back; None where one would have to wait."""
    return _requests.take_free(known.sandbox_id)


async def wait_for_request(known: Access) -> Release:
    """Wait for such a place. Raises Busy when none becomes free."""
    return await _requests.take(known.sandbox_id)


@asynccontextmanager
async def for_socket(known: Access) -> AsyncIterator[None]:
    """Hold a place of the sandbox, and one of its owner. Raises Busy at once when all are taken."""
    async with (
        _sockets_of_owner.place(of_user(known.owner_id)),
        _sockets.place(known.sandbox_id),
    ):
        yield
