"""The documentation page of the API; all of it is served from here, nothing inline."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse


def page(request: HttpRequest) -> HttpResponse:
    return render(request, "vibe/api_docs.html", {"openapi": reverse("api:openapi-json")})
