"""What every request of the API passes, in this order: who calls (`vibe/api/authentication.py`),
how often, whether that was asked before; and what its answer gets on the way out."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase

from vibe.api import errors, idempotency, rate_limit


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
        idempotency.finish(request, response)
        return rate_limit.answered(request, response, errors.told)

    return passed
