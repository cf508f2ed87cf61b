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

from vibe.accounts import held_responses
from vibe.accounts.right_guard import while_held
from vibe.accounts.services import rights
from vibe.accounts.services.rights import RightLost
from vibe.web.daphne_seam import cut, flow_control
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
        """What streams is sent as fast as the client reads, is not gathered in memory, and ends
        when the right to it does."""
        if not response.streaming:
            await super().send_response(response, send)
            return
        waiting: Any
        with flow_control(cast(Any, send)) as waiting:
            noting = held_responses.NotingSend(waiting)
            try:
                async with while_held(*held_responses.held_by(response)):
                    await super().send_response(response, noting)
            except RightLost as lost:
                told = await noting.end(held_responses.last_words(response, lost.loss))
                # Cut, so that nobody takes it for whole, or because its client does not read.
                if not told and not cut(cast(Any, send), at_once=True):
                    raise

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        context = copy_context()
        loop = asyncio.get_running_loop()
        response = await loop.run_in_executor(self._threads, context.run, self._respond, request)
        if not isinstance(response, Later):
            return response
        held = held_responses.held_by(response)
        try:
            async with while_held(*held):
                found = await response.resolve()
        except RightLost as lost:
            return response.refused(lost.loss.refusal())
        held_responses.hold(found, held[0])
        return found

    def _respond(self, request: HttpRequest) -> HttpResponseBase:
        if connection.vendor != "sqlite":
            close_old_connections()
        response = self.get_response(request)
        if response.streaming or isinstance(response, Later):
            held_responses.hold(response, rights.of_request(request))
        return response


def application() -> PagesHandler:
    """Set Django up and return the handler of its pages."""
    django.setup(set_prefix=False)
    return PagesHandler()
