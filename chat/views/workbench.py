"""The workbench page of a conversation, of a new one, and the way in."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from chat.rendering.attempts import window_view
from chat.rendering.long_threads import window
from chat.rendering.workbench import grouped, workbench_view
from chat.services import conversations
from vibe.web.refusals import refusals_told
from vibe.web.requests import UserRequest


@require_GET
@login_required
def home(request: UserRequest) -> HttpResponse:
    """The last conversation, or a new one."""
    latest = conversations.list_for(request.user).first()
    return redirect("chat:show", latest.pk) if latest else redirect("chat:new")


@require_GET
@login_required
def new(request: UserRequest) -> HttpResponse:
    return render(request, "chat/workbench.html", workbench_view(request.user, None))


@require_GET
@login_required
@refusals_told
def show(request: UserRequest, conversation_id: str) -> HttpResponse:
    conversation = conversations.get_for(request.user, conversation_id)
    view = workbench_view(request.user, conversation, before=request.GET.get("before", ""))
    return render(request, "chat/workbench.html", view)


@require_GET
@login_required
@refusals_told
def earlier(request: UserRequest, conversation_id: str) -> HttpResponse:
    """What comes before the turn `before`, to be put in the place of the link that asks."""
    conversation = conversations.get_for(request.user, conversation_id)
    shown = window(conversation, request.GET.get("before", ""))
    view = {"current": conversation, **window_view(shown)}
    return render(request, "chat/_window.html", view)


@require_GET
@login_required
def search(request: UserRequest) -> HttpResponse:
    """The list of conversations whose title contains `q`."""
    found = conversations.list_for(request.user)
    if query := request.GET.get("q", "").strip():
        found = found.filter(title__icontains=query[:200])
    return render(request, "chat/_list.html", {"days": grouped(found[:200]), "query": query})
