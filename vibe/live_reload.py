"""With `up --reload`: tells an open page when what it was made of has changed."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache


def version() -> str:
    """The state of code, templates and static files that pages are made of now."""
    try:
        return str(settings.RELOAD_FILE.read_text(encoding="ascii"))
    except OSError:
        return "first"


@never_cache
def show(_: HttpRequest) -> JsonResponse:
    return JsonResponse({"made_of": version()}, content_type="application/json")


urlpatterns = [path("reload/", show, name="reload")]
