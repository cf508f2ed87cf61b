"""Addresses of the Vercel-compatible API, with and without the clients' `/api`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseNotAllowed, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, re_path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI

from sandboxes.vercel import errors
from sandboxes.vercel.application import api, old_api
from vibe.api import rate_limit


def _guarded(view: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if isinstance(response, HttpResponseNotAllowed):
            response = errors.answer(
                405, "method_not_allowed", f"{request.method} does not work here."
            )
        return rate_limit.answered(request, response, lambda error: errors.of(error, request))

    return guarded


@csrf_exempt
def _nothing(request: HttpRequest) -> HttpResponseBase:
    return errors.answer(404, "not_found", f"There is nothing at {request.path}.")


def _health(request: HttpRequest) -> HttpResponseBase:
    return JsonResponse({"status": "ok"})


def _urls(of: NinjaAPI) -> tuple[list[URLResolver | URLPattern], str, str]:
    patterns, app_name, namespace = of.urls
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback = _guarded(pattern.callback)
    return patterns, app_name, namespace


urlpatterns: list[URLPattern | URLResolver] = [
    re_path(r"^vercel/(?:api/)?(?:v2|v3)/", _urls(api)),
    re_path(r"^vercel/(?:api/)?v1/", _urls(old_api)),
    # Asked of the host of an interactive terminal before the client connects to it.
    re_path(r"^(?:vercel/)?health$", _health, name="vercel_health"),
    re_path(r"^vercel/", _nothing, name="vercel_not_found"),
]
