"""The page `/settings/`: password, appearance, API keys."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from vibe import client_address
from vibe.accounts.models import User
from vibe.accounts.services import api_keys, preferences, throttle
from vibe.refusal import Refusal

KEY_LIFETIMES = {
    "": "until revoked",
    "7": "7 days",
    "30": "30 days",
    "90": "90 days",
    "365": "a year",
}


def page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    """Render the whole page; `more` replaces what a view has to show in it (form, error, key)."""
    user = cast(User, request.user)
    context = {
        "password_form": password_form(user),
        "themes": preferences.THEMES,
        "api_keys": api_keys.list_for(user),
        "scopes": api_keys.SCOPES,
        "key_lifetimes": KEY_LIFETIMES,
        "now": timezone.now(),
        **more,
    }
    return render(request, "accounts/settings.html", context, status=status)


def password_form(user: User, data: Any = None) -> SetPasswordForm:
    """The form that asks for the old password, unless there is none yet."""
    form = PasswordChangeForm if user.has_usable_password() else SetPasswordForm
    return form(user, data)


@login_required
@never_cache
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    return page(request)


@sensitive_post_parameters()
@login_required
@never_cache
@require_POST
def password(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    address = client_address.network_of(request)
    if user.has_usable_password():
        # Whoever has the session must not find out the password by trying.
        try:
            throttle.take(address, user.username)
        except Refusal as error:
            return page(request, status=429, error=error)
    form = password_form(user, request.POST)
    if not form.is_valid():
        return page(request, status=422, password_form=form)
    throttle.forget(address, user.username)
    # The other sessions of this user end; this one stays.
    update_session_auth_hash(request, form.save())
    messages.success(request, "Your password is set.")
    return redirect("accounts:settings")


@login_required
@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    try:
        preferences.update(cast(User, request.user), {"theme": request.POST.get("theme")})
    except Refusal as error:
        return page(request, status=422, error=error)
    return redirect("accounts:settings")
