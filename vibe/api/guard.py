"""What every request of the API passes: the rate limit and the memory of idempotency keys."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase

from vibe.api import errors, idempotency, rate_limit
from vibe.data.database import in_thread
from vibe.later import Later


def guarded(view: Callable[..., Any]) -> Callable[..., Any]:
    """The view behind the guard."""

    @wraps(view)
    def passed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        passage = _Passage(request)
        if passage.answer is None:
            try:
                response = view(request, *args, **kwargs)
            except BaseException:
                passage.fail()
                raise
            return passage.leave(response)
        return passage.answer

    return passed


class _Passage:
    """One request on its way; `answer` is set when it goes no further."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.headers, self.answer = rate_limit.check(request)
        self.claim = None
        if self.answer is None:
            try:
                self.claim, self.answer = idempotency.begin(request)
            except RequestDataTooBig:
                self.answer = errors.too_large()
        if self.answer is not None:
            self._mark(self.answer)

    def leave(self, response: HttpResponseBase) -> HttpResponseBase:
        """The response as it goes out."""
        if isinstance(response, HttpResponseNotAllowed):
            # Ninja answers a wrong method in plain text; give it the shape of every other error.
            response = errors.method_not_allowed(self.request, response["Allow"].split(", "))
        if isinstance(response, Later):
            response.then(self._settle)
        elif self.claim is not None:
            idempotency.finish(self.claim, response)
        self._mark(response)
        return response

    async def _settle(self, response: HttpResponseBase) -> None:
        if self.claim is not None:
            await in_thread(idempotency.finish, self.claim, response)

    def fail(self) -> None:
        if self.claim is not None:
            idempotency.drop(self.claim)

    def _mark(self, response: HttpResponseBase) -> None:
        for name, value in self.headers.items():
            response[name] = value
