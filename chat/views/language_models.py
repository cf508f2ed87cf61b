"""The page of models and providers: models, which is the default, and which step in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from chat.services.offered_models import language_models, model_providers
from chat.views.model_providers import page, told_on_page
from vibe.web.requests import UserRequest


@require_POST
@login_required
@told_on_page
def prefer(request: UserRequest) -> HttpResponse:
    language_models.prefer(
        request.user,
        default_model=request.POST.get("default_model", ""),
        fallbacks=request.POST.getlist("fallback"),
    )
    messages.success(request, "Your choice of models is saved.")
    return redirect("chat:models")


@require_POST
@login_required
@told_on_page
def fetch(request: UserRequest, provider_id: str) -> HttpResponse:
    provider = model_providers.get_for(request.user, provider_id)
    new, all_of_them = language_models.fetch(provider, request.user)
    words = f"{provider.name} has {all_of_them} models, {new} of them new."
    if new > language_models.FEW or all_of_them > language_models.FEW:
        words += " Enable those that you want to choose."
    messages.success(request, words)
    return redirect("chat:models")


@require_POST
@login_required
@told_on_page
def add(request: UserRequest, provider_id: str) -> HttpResponse:
    provider = model_providers.get_for(request.user, provider_id)
    model = language_models.add(provider, request.POST.get("name", ""))
    messages.success(request, f"{model.label} is added.")
    return redirect("chat:models")


@require_POST
@login_required
@told_on_page
def change(request: UserRequest, model_id: str) -> HttpResponse:
    """The short form has `enabled` alone; the long one says so by `all`."""
    model = language_models.get_for(request.user, model_id)
    changes: dict[str, Any] = {}
    if "all" in request.POST:
        for field in ("label", *language_models.SIZES, *language_models.PRICES):
            changes[field] = request.POST.get(field, "")
        for field in ("sees_images", "uses_tools"):
            changes[field] = field in request.POST
        changes["efforts"] = request.POST.getlist("efforts")
    if "enabled" in request.POST:
        changes["enabled"] = request.POST["enabled"] == "1"
    model = language_models.change(model, changes)
    messages.success(request, f"{model.label} is saved.")
    return redirect("chat:models")


@require_POST
@login_required
@told_on_page
def delete(request: UserRequest, model_id: str) -> HttpResponse:
    model = language_models.get_for(request.user, model_id)
    language_models.delete(model)
    messages.success(request, f"{model.label} is deleted.")
    return redirect("chat:models")


@require_POST
@login_required
@told_on_page
def test(request: UserRequest, model_id: str) -> HttpResponse:
    model = language_models.get_for(request.user, model_id)
    tested = model_providers.test(model.provider, request.user, model)
    return page(request, tested=tested, tested_id=model.pk)
