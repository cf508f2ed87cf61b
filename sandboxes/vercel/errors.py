"""Errors as the official clients read them: `{"error": {"code", "message"}}`.

Clients repeat any request that was answered 429 or 5xx, so those stand only where nothing has
happened yet. 410 has them resume the sandbox and repeat, 422 has them wait for its stop.
"""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import Field

from sandboxes.services.quotas import DiskNearlyFull, QuotaReached
from vibe.api.errors import problems
from vibe.api.rate_limit import TooMany
from vibe.refusal import Refusal
from vibe.shares import Busy

logger = logging.getLogger("vibe.api")

# Longer than clients sit out: what is used up is not free again in a moment.
RETRY_SECONDS = 60

# Of a service's error: the status and the code that clients know.
KNOWN = {
    "not_found": (404, "not_found"),
    "not_running": (410, "sandbox_stopped"),
    "conflict": (409, "conflict"),
    "denied": (403, "forbidden"),
    "unauthorized": (401, "forbidden"),
    "too_large": (413, "too_large"),
    "unavailable": (503, "unavailable"),
    "timeout": (504, "timeout"),
    "internal": (500, "internal_server_error"),
}


class ErrorDetail(Schema):
    code: str = Field(examples=["not_found"])
    message: str = Field(examples=["There is no such sandbox."])


class Error(Schema):
    error: ErrorDetail


class ProtocolError(Exception):
    """An answer of the protocol that no service's error stands for."""

    def __init__(self, status: int, code: str, message: str, *, retry_after: int = 0) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after


def bad_request(message: str) -> ProtocolError:
    return ProtocolError(400, "bad_request", message)


def answer(status: int, code: str, message: str, **more: Any) -> HttpResponse:
    return JsonResponse({"error": {"code": code, "message": message, **more}}, status=status)


def of(error: Exception, request: HttpRequest) -> HttpResponse:
    """The answer that tells of `error`; what nobody foresaw is logged."""
    match error:
        case ProtocolError():
            response = answer(error.status, error.code, error.message)
            if error.retry_after:
                response["Retry-After"] = str(error.retry_after)
            return response
        case Busy():  # 429 where the caller's own share is full, and nothing has happened
            response = answer(error.code.status, "rate_limited", str(error))
            response["Retry-After"] = str(error.retry_after)
            return response
        case QuotaReached() | DiskNearlyFull():
            full = isinstance(error, DiskNearlyFull)
            status, code = (503, "unavailable") if full else (429, "rate_limited")
            message = f"{error.message} {error.hint}"
            return of(ProtocolError(status, code, message, retry_after=RETRY_SECONDS), request)
        case TooMany():
            return answer(429, "rate_limited", f"{error.message} {error.hint}")
        case Refusal():
            status, code = KNOWN.get(error.code, (400, "bad_request"))
            response = answer(status, code, f"{error.message} {error.hint}".strip())
            if status == 401:
                response["WWW-Authenticate"] = 'Bearer realm="vibe"'
            if error.retry_after is not None:
                response["Retry-After"] = str(error.retry_after)
            return response
        case AuthenticationError():
            return of(
                Refusal(
                    "This request carries no API key.",
                    "Send the header Authorization: Bearer vibe_… "
                    "(python3 manage.py create_api_key USERNAME makes a key).",
                    "unauthorized",
                ),
                request,
            )
        case ValidationError():
            return answer(400, "bad_request", problems(error.errors))
        case Http404():
            return answer(404, "not_found", f"There is nothing at {request.path}.")
        case RequestDataTooBig():
            return answer(413, "too_large", "The body of the request is too large.")
        case HttpError():
            return answer(error.status_code, "bad_request", str(error))
        case _:
            logger.error("%s %s failed", request.method, request.path, exc_info=error)
            return answer(500, "internal_server_error", "The server failed; its log says more.")


def register(api: NinjaAPI) -> None:
    """Answer in this shape whatever is raised within an endpoint."""

    def told(request: HttpRequest, error: Any) -> HttpResponse:
        return of(error, request)

    for kind in (
        ProtocolError, Refusal, AuthenticationError, ValidationError,
        Http404, RequestDataTooBig, HttpError, Exception,
    ):  # fmt: skip
        api.add_exception_handler(kind, told)
