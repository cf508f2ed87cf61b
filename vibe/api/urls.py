"""Addresses of the JSON API and of its documentation page."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path
from django.views.decorators.csrf import csrf_exempt

from vibe.api import docs, errors
from vibe.api.application import api
from vibe.api.guard import guarded

_patterns, _app_name, _namespace = api.urls
for _pattern in _patterns:
    if isinstance(_pattern, URLPattern):
        _pattern.callback = guarded(_pattern.callback)

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", (_patterns, _app_name, _namespace)),
    path("api/docs", docs.page, name="api_docs"),
    re_path(r"^api/(?P<path>[\s\S]*)$", csrf_exempt(errors.not_found), name="api_not_found"),
]
