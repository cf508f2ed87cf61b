"""Questions to agents on behalf of the event loop. A sandbox may not answer for seconds, so each
owner has a share of the threads that wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import connection

from vibe.data.database import with_connection
from vibe.shares import SharedThreads, Shares
from vibe.shares.owner import of_user

P = ParamSpec("P")
T = TypeVar("T")

_threads = SharedThreads(
    "question", Shares("questions to your sandboxes", total=32, each=4, patience=5.0)
)


async def ask(owner_id: int, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What the blocking function gives, in a thread of `owner_id`'s share. Raises Busy."""

    def asked() -> T:
        try:
            return with_connection(lambda: function(*args, **kwargs))
        finally:
            # So many threads that wait for sandboxes must not hold so many connections.
            if connection.vendor != "sqlite":
                connection.close()

    return await _threads.run(of_user(owner_id), asked)
