"""Making and revoking API keys on the settings page."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from vibe.accounts.models import User
from vibe.accounts.services import api_keys
from vibe.accounts.views import settings
from vibe.refusal import Refusal


@login_required
@never_cache
@require_POST
def create(request: HttpRequest) -> HttpResponse:
    """Show the new key in the answer itself: it is kept nowhere, not even for a redirect."""
    days = request.POST.get("days", "")
    try:
        if days not in settings.KEY_LIFETIMES:
            raise Refusal("A key cannot work for that long.", "Choose a time from the list.")
        row, key = api_keys.create(
            cast(User, request.user),
            request.POST.get("name", ""),
            request.POST.getlist("scope"),
            days=int(days) if days in settings.KEY_LIFETIMES and days else None,
        )
    except Refusal as error:
        return settings.page(request, status=422, error=error)
    return settings.page(request, status=201, new_key=key, new_key_row=row)


@login_required
@require_POST
def revoke(request: HttpRequest, key_id: str) -> HttpResponse:
    try:
        row = api_keys.get_for(cast(User, request.user), key_id)
    except Refusal:
        raise Http404 from None
    api_keys.revoke(row)
    messages.success(request, f"The API key {row.prefix}… no longer works.")
    return redirect("accounts:settings")
