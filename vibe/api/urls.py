"""Addresses of the JSON API and of its documentation page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, path, re_path
from django.views.decorators.csrf import csrf_exempt

from vibe.api import docs, errors
from vibe.api.application import api


def _shaped(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Ninja answers a wrong method in plain text; give it the shape of every other error."""
    if isinstance(response, HttpResponseNotAllowed):
        return errors.method_not_allowed(request, response["Allow"].split(", "))
    return response


def _wrapped(view: Callable[..., Any]) -> Callable[..., Any]:
    if iscoroutinefunction(view):

        @wraps(view)
        async def asynchronous(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return _shaped(request, await view(request, *args, **kwargs))

        return asynchronous

    @wraps(view)
    def synchronous(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return _shaped(request, view(request, *args, **kwargs))

    return synchronous


_patterns, _app_name, _namespace = api.urls
for _pattern in _patterns:
    if isinstance(_pattern, URLPattern):
        _pattern.callback = _wrapped(_pattern.callback)

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", (_patterns, _app_name, _namespace)),
    path("api/docs", docs.page, name="api_docs"),
    re_path(r"^api/(?P<path>.*)$", csrf_exempt(errors.not_found), name="api_not_found"),
]
