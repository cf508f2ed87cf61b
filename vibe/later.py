"""Responses that take long without holding a thread meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import close_old_connections, connection
from django.http import HttpResponse
from django.http.response import HttpResponseBase

P = ParamSpec("P")
T = TypeVar("T")

# For the short queries between two waits.
_threads = ThreadPoolExecutor(8, thread_name_prefix="query")


class Later(HttpResponse):
    """Stands for a response that takes long: a view returns it at once, its thread is free, and
    `make` is awaited in the event loop. `make` must not raise.
    """

    def __init__(self, make: Callable[[], Awaitable[HttpResponseBase]]) -> None:
        super().__init__()
        del self.headers["Content-Type"]
        self._make = make

    async def resolve(self) -> HttpResponseBase:
        """The response itself, with the headers that middleware has set on this one."""
        response = await self._make()
        # The length is that of this one, which is empty.
        self.headers.pop("Content-Length", None)
        for name, value in self.headers.items():
            response.headers.setdefault(name, value)
        if isinstance(response, HttpResponse):
            response.headers.setdefault("Content-Length", str(len(response.content)))
        response._resource_closers.extend(self._resource_closers)  # type: ignore[attr-defined]  # private
        return response


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run what uses the database, from the event loop, in one of a few threads that keep their
    connections."""

    def run() -> T:
        if connection.vendor != "sqlite":
            close_old_connections()
        return function(*args, **kwargs)

    return await asyncio.get_running_loop().run_in_executor(_threads, run)
