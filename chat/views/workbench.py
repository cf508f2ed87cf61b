"""The workbench page of a conversation, of a new one, and the way in."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from chat.rendering.attempts import window_view
from chat.rendering.long_threads import window
from chat.rendering.workbench import workbench_view
from chat.services import conversations
from chat.views import welcome
from vibe.web.refusals import refusals_told
from vibe.web.requests import UserRequest


@require_GET
@login_required
def home(request: UserRequest) -> HttpResponse:
    """The last conversation, or a new one; what the address asks for goes along."""
    latest = conversations.list_for(request.user).first()
    to = reverse("chat:show", args=[latest.pk]) if latest else reverse("chat:new")
    query = request.GET.urlencode()
    return redirect(f"{to}?{query}" if query else to)


@require_GET
@login_required
def new(request: UserRequest) -> HttpResponse:
    view = workbench_view(request.user, None, asked=request.GET.dict())
    return render(request, "chat/workbench.html", {**view, "welcome": welcome.is_due(request)})


@require_GET
@login_required
@refusals_told
def show(request: UserRequest, conversation_id: str) -> HttpResponse:
    conversation = conversations.get_for(request.user, conversation_id)
    asked = request.GET.dict()
    view = workbench_view(request.user, conversation, before=asked.get("before", ""), asked=asked)
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
