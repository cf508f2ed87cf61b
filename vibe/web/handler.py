"""Django's requests in an ASGI server, each in one thread from start to end.

Django's own handler hops between the event loop and a thread at every middleware and gives each
request a new thread, hence a new database connection: 5 ms of a 10 ms request. Here the whole
chain runs synchronously in a thread of a pool, whose connections stay open. Streaming responses
are iterated in the event loop as ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, cast

import django
from django.core.handlers.asgi import ASGIHandler
from django.db import close_old_connections, connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from vibe.web.daphne_seam import flow_control
from vibe.web.later import Later

# Requests that wait for a command or a sandbox hold a thread each; threads are made on demand.
THREADS = 64

Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class PagesHandler(ASGIHandler):
    """An ASGI application for HTTP; construct it after django.setup()."""

    def __init__(self) -> None:
        super().__init__()
        self.load_middleware(is_async=False)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="request")

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[Mapping[str, Any]]],
        send: Send,
    ) -> None:
        await self.handle(scope, receive, send)

    async def send_response(self, response: HttpResponseBase, send: Send) -> None:
        """What streams is sent as fast as the client reads, and not gathered in memory."""
        if not response.streaming:
            await super().send_response(response, send)
            return
        waiting: Any
        with flow_control(cast(Any, send)) as waiting:
            await super().send_response(response, waiting)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        context = copy_context()
        loop = asyncio.get_running_loop()
        response = await loop.run_in_executor(self._threads, context.run, self._respond, request)
        return await response.resolve() if isinstance(response, Later) else response

    def _respond(self, request: HttpRequest) -> HttpResponseBase:
        if connection.vendor != "sqlite":
            close_old_connections()
        return self.get_response(request)


def application() -> PagesHandler:
    """Set Django up and return the handler of its pages."""
    django.setup(set_prefix=False)
    return PagesHandler()
