"""The page of models and providers: a user's own providers."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from chat.providers.wires import BY_NAME
from chat.rendering.model_settings import model_settings_view
from chat.services.offered_models import model_providers
from vibe.refusal import Refusal
from vibe.web.requests import UserRequest

P = ParamSpec("P")
QUERY_LENGTH = 100


def page(request: UserRequest, status: int = 200, **more: Any) -> HttpResponse:
    """The whole page; `more` is what a view has to show in it (error, test, draft)."""
    query = request.GET.get("q", "").strip()[:QUERY_LENGTH]
    context = {**model_settings_view(request.user, query), **more}
    return render(request, "chat/models/page.html", context, status=status)


def told_on_page(
    view: Callable[Concatenate[UserRequest, P], HttpResponse],
) -> Callable[Concatenate[UserRequest, P], HttpResponse]:
    """Decorator of views: a Refusal stands on the page, with its status."""

    @wraps(view)
    def shown(request: UserRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refusal as error:
            if error.code == "not_found":
                raise Http404(error.message) from error
            draft = {name: request.POST.get(name, "") for name in ("preset", "name", "base_url")}
            return page(request, error.code.status, error=error, draft=draft)

    return shown


@require_safe
@login_required
@never_cache
def show(request: UserRequest) -> HttpResponse:
    return page(request)


@sensitive_post_parameters("key")
@require_POST
@login_required
@told_on_page
def create(request: UserRequest) -> HttpResponse:
    """A known provider by its name, or `other:WIRE` with an address."""
    chosen = request.POST.get("preset", "")
    preset = BY_NAME.get(chosen)
    wire = preset.wire if preset else chosen.removeprefix("other:")
    base_url = request.POST.get("base_url", "").strip()
    made = model_providers.create(
        request.user,
        name=request.POST.get("name", "").strip() or (preset.label if preset else ""),
        wire=wire,
        base_url=base_url or (preset.base_url if preset else ""),
        key=request.POST.get("key", ""),
    )
    messages.success(
        request, f"{made.name} is added. Fetch its list of models, or type the name of one."
    )
    return redirect("chat:models")


@sensitive_post_parameters("key")
@require_POST
@login_required
@told_on_page
def change(request: UserRequest, provider_id: str) -> HttpResponse:
    """What the form holds is set; an empty key keeps the one that is there."""
    provider = model_providers.get_for(request.user, provider_id)
    fields = ("name", "wire", "base_url")
    changes: dict[str, Any] = {name: request.POST[name] for name in fields if name in request.POST}
    if request.POST.get("key") or "forget_key" in request.POST:
        changes["key"] = request.POST.get("key", "")
    if "enabled" in request.POST:
        changes["enabled"] = request.POST["enabled"] == "1"
    provider = model_providers.change(provider, changes)
    messages.success(request, f"{provider.name} is saved.")
    return redirect("chat:models")


@require_POST
@login_required
@told_on_page
def delete(request: UserRequest, provider_id: str) -> HttpResponse:
    provider = model_providers.get_for(request.user, provider_id)
    model_providers.delete(provider)
    messages.success(request, f"{provider.name} is deleted, with its key and its models.")
    return redirect("chat:models")


@require_POST
@login_required
@told_on_page
def test(request: UserRequest, provider_id: str) -> HttpResponse:
    provider = model_providers.get_for(request.user, provider_id)
    tested = model_providers.test(provider, request.user)
    return page(request, tested=tested, tested_id=provider.pk)
