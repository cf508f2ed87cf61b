"""Database work on behalf of the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import ParamSpec, TypeVar

from django.db import close_old_connections, connection

P = ParamSpec("P")
T = TypeVar("T")

# Short queries only: what waits for something else does so in the event loop. Few threads, so that
# hundreds of sockets and streams share few connections.
_threads = ThreadPoolExecutor(8, thread_name_prefix="query")


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run what uses the database in one of a few threads that keep their connections.

    Opening SQLite's file anew costs more than most queries (3 ms of the 15 that the first byte of
    a command has), and asgiref's one thread for everybody would have them wait for each other.
    """
    return await in_thread_of(_threads, function, *args, **kwargs)


async def in_thread_of(
    threads: ThreadPoolExecutor, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """As `in_thread`, in threads that are kept for one purpose."""
    context = copy_context()

    def run() -> T:
        return with_connection(lambda: context.run(function, *args, **kwargs))

    return await asyncio.get_running_loop().run_in_executor(threads, run)


def with_connection(function: Callable[[], T]) -> T:
    """Call what uses the database, in a thread that lives longer than a connection may."""
    if connection.vendor != "sqlite":
        close_old_connections()
    return function()
