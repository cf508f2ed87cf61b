"""How a view tells people of a refusal."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from vibe.refusal import Refusal
from vibe.web.partials import notice
from vibe.web.requests import UserRequest

P = ParamSpec("P")


def refusals_told(
    view: Callable[Concatenate[UserRequest, P], HttpResponseBase],
) -> Callable[Concatenate[UserRequest, P], HttpResponseBase]:
    """Decorator of views: a Refusal becomes a notice (htmx), a message or a 404."""

    @wraps(view)
    def shown(request: UserRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Refusal as error:
            if error.code == "not_found":
                raise Http404(error.message) from error
            if "application/json" in request.headers.get("Accept", ""):
                said = {"message": error.message, "hint": error.hint}
                return _dated(JsonResponse(said, status=error.code.status), error)
            if request.headers.get("HX-Request"):
                # 5xx are not swapped, so that a crash never lands in the middle of the page.
                status = min(error.code.status, 499)
                told = HttpResponse(notice(error.message, hint=error.hint), status=status)
                return _dated(told, error)
            messages.error(request, f"{error.message} {error.hint}".strip())
            return redirect(back(request))

    return shown


def _dated(response: HttpResponse, error: Refusal) -> HttpResponse:
    if error.retry_after is not None:
        response["Retry-After"] = str(error.retry_after)
    return response


def back(request: HttpRequest) -> str:
    """The page that the request came from, when it is one of ours."""
    referer = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(referer, allowed_hosts={request.get_host()}):
        return referer
    return "/"
