"""Pages and buttons of sandboxes."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from sandboxes.models import Sandbox
from sandboxes.services import isolation, lifecycle, limits
from sandboxes.views.panels import recent_commands, state_of, status_partials
from vibe.page import UserRequest, back, refusals_told

EXTENSION = 1800


@require_GET
@login_required
def index(request: UserRequest) -> HttpResponse:
    found = lifecycle.list_for(request.user).select_related("session")[:200]
    rows = [(sandbox, state_of(sandbox)) for sandbox in found]
    return render(request, "sandboxes/index.html", {"rows": rows})


@require_GET
@login_required
@refusals_told
def show(request: UserRequest, sandbox_id: str) -> HttpResponse:
    sandbox = lifecycle.get_for(request.user, sandbox_id)
    view = {
        "sandbox": sandbox,
        "state": state_of(sandbox),
        "commands": recent_commands(sandbox)[::-1],
        "limits": limits.in_words(sandbox),
        "conversation": sandbox.conversations.first(),
    }
    return render(request, "sandboxes/show.html", view)


@require_POST
@login_required
@refusals_told
def stop(request: UserRequest, sandbox_id: str) -> HttpResponse:
    sandbox = lifecycle.get_for(request.user, sandbox_id)
    lifecycle.stop(sandbox, by=request.user)
    return _answer(request, sandbox)


@require_POST
@login_required
@refusals_told
def resume(request: UserRequest, sandbox_id: str) -> HttpResponse:
    sandbox = lifecycle.get_for(request.user, sandbox_id)
    lifecycle.resume(sandbox)
    return _answer(request, sandbox)


@require_POST
@login_required
@refusals_told
def extend(request: UserRequest, sandbox_id: str) -> HttpResponse:
    sandbox = lifecycle.get_for(request.user, sandbox_id)
    lifecycle.extend(sandbox, EXTENSION)
    return _answer(request, sandbox)


@require_POST
@login_required
@refusals_told
def delete(request: UserRequest, sandbox_id: str) -> HttpResponse:
    sandbox = lifecycle.get_for(request.user, sandbox_id)
    lifecycle.delete(sandbox)
    messages.success(request, f"The sandbox “{sandbox.name}” is deleted.")
    return redirect("sandboxes:index")


@require_POST
@login_required
@refusals_told
def consent(request: UserRequest) -> HttpResponse:
    """An administrator agrees to commands without isolation on this machine."""
    isolation.consent(request.user)
    return redirect(back(request))


def _answer(request: UserRequest, sandbox: Sandbox) -> HttpResponse:
    if request.headers.get("HX-Request") != "true":
        return redirect(back(request))
    return HttpResponse(status_partials(lifecycle.get_for(request.user, sandbox.pk)))
