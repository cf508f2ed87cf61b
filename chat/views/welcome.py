"""The card that greets a browser: shown until it is put away, and then not for a month."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST


def is_due(request: HttpRequest) -> bool:
    """For a browser that has not put it away, and for who asks "What's this?"."""
    return "welcome" in request.GET or settings.WELCOME_COOKIE_NAME not in request.COOKIES


@require_POST
@login_required
def dismiss(request: HttpRequest) -> HttpResponse:
    response = redirect("chat:new")
    response.set_cookie(
        settings.WELCOME_COOKIE_NAME,
        "seen",
        max_age=settings.WELCOME_COOKIE_AGE,
        httponly=True,
        samesite="Lax",
    )
    return response
