"""Rename a conversation, choose its model and effort, put it away, delete it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from chat.rendering.thread import title_partials
from chat.services import choices, conversations
from vibe.web.refusals import refusals_told
from vibe.web.requests import UserRequest


@require_POST
@login_required
@refusals_told
def rename(request: UserRequest, conversation_id: str) -> HttpResponse:
    conversation = conversations.get_for(request.user, conversation_id)
    conversation = conversations.rename(conversation, request.POST.get("title", ""))
    if request.headers.get("HX-Request"):
        return HttpResponse(title_partials(conversation))
    return redirect("chat:show", conversation.pk)


@require_POST
@login_required
@refusals_told
def choose_model(request: UserRequest, conversation_id: str) -> HttpResponse:
    conversation = conversations.get_for(request.user, conversation_id)
    choices.choose(
        conversation,
        model=request.POST.get("model"),
        effort=request.POST.get("effort"),
        # An unchecked box sends nothing: the marker beside it says that there is one.
        fix_errors="fix_errors" in request.POST if "fix_errors_shown" in request.POST else None,
    )
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    return redirect("chat:show", conversation.pk)


@require_POST
@login_required
@refusals_told
def archive(request: UserRequest, conversation_id: str) -> HttpResponse:
    conversation = conversations.archive(conversations.get_for(request.user, conversation_id))
    messages.success(request, f"“{conversation}” is archived.")
    return redirect("chat:home")


@require_POST
@login_required
@refusals_told
def delete(request: UserRequest, conversation_id: str) -> HttpResponse:
    conversation = conversations.get_for(request.user, conversation_id)
    title = str(conversation)
    conversations.delete(conversation)
    messages.success(request, f"“{title}” is deleted. Its sandbox is still there.")
    return redirect("chat:home")
