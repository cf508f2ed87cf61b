"""Responses that take long without holding a thread meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from vibe.refusal import Refusal

Settle = Callable[[HttpResponseBase], Awaitable[None]]


class Later(HttpResponse):
    """Stands for a response that takes long: a view returns it at once, its thread is free, and
    `make` is awaited in the event loop. `make` must not raise. `refused` makes the answer when the
    right to it ended meanwhile.
    """

    def __init__(
        self,
        make: Callable[[], Awaitable[HttpResponseBase]],
        refused: Callable[[Refusal], HttpResponseBase],
    ) -> None:
        super().__init__()
        del self.headers["Content-Type"]
        self._make = make
        self._settle: list[Settle] = []
        self.refused = refused

    def then(self, settle: Settle) -> None:
        """Await `settle` with the response itself before it goes out."""
        self._settle.append(settle)

    async def resolve(self) -> HttpResponseBase:
        """The response itself, with the headers that middleware has set on this one."""
        if not self._settle:
            return await self._resolved()
        # What has to be settled is so even when the client does not wait for the answer.
        return await asyncio.shield(asyncio.ensure_future(self._resolved()))

    async def _resolved(self) -> HttpResponseBase:
        response = await self._make()
        # The length is that of this one, which is empty.
        self.headers.pop("Content-Length", None)
        for name, value in self.headers.items():
            response.headers.setdefault(name, value)
        if isinstance(response, HttpResponse):
            response.headers.setdefault("Content-Length", str(len(response.content)))
        for settle in self._settle:
            await settle(response)
        response._resource_closers.extend(self._resource_closers)  # type: ignore[attr-defined]  # private
        return response
