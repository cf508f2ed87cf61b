"""Pictures of checks, for the page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from chat.services.checking import pictures
from vibe.web.refusals import refusals_told
from vibe.web.requests import UserRequest


@require_GET
@login_required
@cache_control(private=True, max_age=3600)
@refusals_told
def picture(request: UserRequest, check_id: str, name: str) -> HttpResponse:
    return HttpResponse(pictures.picture(request.user, check_id, name), content_type="image/jpeg")
