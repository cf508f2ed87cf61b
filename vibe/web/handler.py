"""Django's requests in an ASGI server, each in one thread from start to end.

Django's own handler hops between the event loop and a thread at every middleware and gives each
request a new thread, hence a new database connection: 5 ms of a 10 ms request. Here the whole
chain runs synchronously in a thread of a pool, whose connections stay open and of which each user
has a share. Streaming responses are iterated in the event loop as ever.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

from django.core.handlers.asgi import ASGIHandler
from django.db import close_old_connections, connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from vibe.accounts import held_responses
from vibe.accounts.right_guard import while_held
from vibe.accounts.services import rights
from vibe.accounts.services.rights import RightLost
from vibe.client_address import network_of
from vibe.later import Later
from vibe.shares import Busy, Release, connections
from vibe.shares.owner import set_owner
from vibe.web.daphne_seam import cut, flow_control
from vibe.web.request_owner import Headers, RequestOwners
from vibe.web.request_threads import RequestThreads

TurnedAway = Callable[[HttpRequest, Busy], HttpResponseBase]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class PagesHandler(ASGIHandler):
    """An ASGI application for HTTP; construct it after django.setup().

    `turned_away` makes the answer to a request that got no thread in time.
    """

    def __init__(self, turned_away: TurnedAway) -> None:
        super().__init__()
        self.load_middleware(is_async=False)
        self._turned_away = turned_away
        self._threads = RequestThreads()
        self._owners = RequestOwners()
        self._open: dict[int, Release] = {}  # of streams, by their response

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[Mapping[str, Any]]],
        send: Send,
    ) -> None:
        await self.handle(scope, receive, send)

    async def send_response(self, response: HttpResponseBase, send: Send) -> None:
        """What streams is sent as fast as the client reads, and for as long as the right to it
        holds; it is not gathered in memory."""
        if not response.streaming:
            await super().send_response(response, send)
            return
        waiting: Any
        try:
            with flow_control(cast(Any, send)) as waiting:
                await self._send_held(response, waiting, send)
        finally:
            if (release := self._open.pop(id(response), None)) is not None:
                release()

    async def _send_held(self, response: HttpResponseBase, waiting: Send, send: Send) -> None:
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
        scope = request.scope  # type: ignore[attr-defined]  # an ASGIRequest
        headers: Headers = scope["headers"]
        owner = self._owners.of(headers, network_of(request))
        # Streams, and what is awaited later, go on in this very task.
        set_owner(owner)
        try:
            response = await self._threads.of(request.path).run(owner, self._respond, request)
        except Busy as busy:
            return self._turned_away(request, busy)
        self._owners.learn(headers, request)
        if not isinstance(response, Later) and not getattr(response, "is_async", False):
            return response
        try:
            release = await connections.take(owner)
        except Busy as busy:
            response.close()
            return self._turned_away(request, busy)
        if isinstance(response, Later):
            try:
                return await self._awaited(response)
            finally:
                release()
        self._open[id(response)] = release
        return response

    async def _awaited(self, response: Later) -> HttpResponseBase:
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
