"""What every request of the API passes, in this order: who calls (`vibe/api/authentication.py`),
how often, whether that was asked before; and what its answer gets on the way out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase

from vibe.api import errors, idempotency, rate_limit
from vibe.data.database import in_thread
from vibe.later import Later


def guarded(view: Callable[..., Any]) -> Callable[..., Any]:
    """The view of an address behind the guard."""

    @wraps(view)
    def passed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except BaseException:
            idempotency.abandon(request)
            raise
        if isinstance(response, HttpResponseNotAllowed):
            # Ninja answers a wrong method in plain text; give it the shape of every other error.
            response = errors.method_not_allowed(request, response["Allow"].split(", "))
        if isinstance(response, Later):
            response.then(partial(_settle, request))
        else:
            idempotency.finish(request, response)
        return rate_limit.answered(request, response, errors.told)

    return passed


async def _settle(request: HttpRequest, response: HttpResponseBase) -> None:
    await in_thread(idempotency.finish, request, response)
