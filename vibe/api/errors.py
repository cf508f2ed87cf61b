"""Errors of the JSON API: one shape, the right status, never a traceback."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import Field

from vibe.refusal import Code, Refusal

logger = logging.getLogger("vibe.api")

MOST_PROBLEMS = 10
PROBLEM = "application/problem+json"


class ErrorDetail(Schema):
    code: str = Field(examples=["not_found"], description="For programs: one of a fixed list.")
    message: str = Field(examples=["There is no such sandbox."], description="What happened, why.")
    hint: str = Field(examples=["List yours: GET /api/v1/sandboxes"], description="What to do.")


class Error(Schema):
    """A problem after RFC 9457; `error` says the same for programs and people."""

    type: str = Field(examples=["/api/docs#not_found"])
    title: str = Field(examples=["Not found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["There is no such sandbox. List yours to see what there is."])
    error: ErrorDetail


def body(code: str, message: str, hint: str = "") -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "hint": hint}}


def answer(
    code: str,
    message: str,
    hint: str = "",
    *,
    status: int | None = None,
    retry_after: int | None = None,
) -> HttpResponse:
    """The JSON response of an error; the status is the code's unless it is given."""
    status = status or Code(code).status
    problem = {
        "type": f"/api/docs#{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": f"{message} {hint}".strip(),
        **body(code, message, hint),
    }
    response = JsonResponse(problem, status=status, content_type=PROBLEM)
    if response.status_code == 401:
        response["WWW-Authenticate"] = 'Bearer realm="vibe"'
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    return response


def told(error: Refusal) -> HttpResponse:
    """The answer that tells of a refusal."""
    return answer(error.code, error.message, error.hint, retry_after=error.retry_after)


def failed() -> HttpResponse:
    return answer("internal", "The server failed at this request.", "Its log says more. Try again.")


def unauthorized() -> HttpResponse:
    return answer(
        "unauthorized",
        "This request carries no API key and no session.",
        "Send the header Authorization: Bearer vibe_… (python3 manage.py create_api_key USERNAME "
        "makes a key).",
    )


def not_found(request: HttpRequest) -> HttpResponse:
    return answer(
        "not_found", f"There is nothing at {request.path}.", "The API is listed at /api/docs."
    )


def method_not_allowed(request: HttpRequest, allowed: Sequence[str]) -> HttpResponse:
    methods = ", ".join(sorted(allowed))
    response = answer(
        "method_not_allowed", f"{request.method} does not work here.", f"Use {methods}."
    )
    response["Allow"] = methods
    return response


def too_large() -> HttpResponse:
    return answer(
        "too_large",
        "The body of the request is too large.",
        "Send a large file alone: PUT /api/v1/sandboxes/ID/files/content?path=…",
    )


def register(api: NinjaAPI) -> None:
    """Teach `api` the answers to what can be raised within an endpoint, services' errors too."""

    def known(request: HttpRequest, error: Any) -> HttpResponse:
        return told(error)

    def missing(request: HttpRequest, _error: Any) -> HttpResponse:
        return not_found(request)

    def unknown_caller(request: HttpRequest, _error: Any) -> HttpResponse:
        return unauthorized()

    def too_much(request: HttpRequest, _error: Any) -> HttpResponse:
        return too_large()

    def http_error(request: HttpRequest, error: Any) -> HttpResponse:
        if error.status_code == 400:
            return answer("invalid", "The body is not JSON.", "Send a JSON document in UTF-8.")
        return answer("invalid", str(error), status=error.status_code)

    def invalid(request: HttpRequest, error: Any) -> HttpResponse:
        return answer("invalid", problems(error.errors), "See /api/docs.", status=422)

    def unexpected(request: HttpRequest, error: Any) -> HttpResponse:
        logger.error("%s %s failed", request.method, request.path, exc_info=error)
        return failed()

    for kind, handler in (
        (Refusal, known),
        (Http404, missing),
        (AuthenticationError, unknown_caller),
        (RequestDataTooBig, too_much),
        (HttpError, http_error),
        (ValidationError, invalid),
        (Exception, unexpected),
    ):
        api.add_exception_handler(kind, handler)


def problems(errors: Sequence[dict[str, Any]]) -> str:
    """What a request's fields lack, in a line: `ports.0: Input should be …; name: …`."""
    lines = []
    for error in errors[:MOST_PROBLEMS]:
        # The first two names are where it was sent and the endpoint's own parameter.
        place = [str(name) for name in error.get("loc", ())]
        place = place[2:] if place[:1] == ["body"] and len(place) > 2 else place[1:]
        message = str(error.get("msg", "is not valid")).removeprefix("Value error, ")
        lines.append(f"{'.'.join(place)}: {message}" if place else message)
    if len(errors) > MOST_PROBLEMS:
        lines.append(f"and {len(errors) - MOST_PROBLEMS} more")
    return "; ".join(lines)
