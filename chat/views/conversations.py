"""Rename a conversation, choose its model and effort, put it away and back, delete it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from chat.rendering.thread import item_partial, title_partials
from chat.services import conversations
from chat.services.offered_models import choices
from vibe.web.refusals import back, refusals_told
from vibe.web.requests import UserRequest


@require_POST
@login_required
@refusals_told
def rename(request: UserRequest, conversation_id: str) -> HttpResponse:
    conversation = conversations.get_for(request.user, conversation_id)
    conversation = conversations.rename(conversation, request.POST.get("title", ""))
    if request.headers.get("HX-Request"):
        page = request.headers.get("Referer", "")
        of_another = bool(page) and conversation.pk not in page
        return HttpResponse((item_partial if of_another else title_partials)(conversation))
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
    undo = format_html(
        '“{}” is archived. <form class="inline" method="post" action="{}">'
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}">'
        '<button class="button small">Undo</button></form>',
        conversation,
        reverse("chat:unarchive", args=[conversation.pk]),
        get_token(request),
    )
    messages.success(request, undo)
    return redirect(_where_it_was_not(request, conversation.pk))


@require_POST
@login_required
@refusals_told
def unarchive(request: UserRequest, conversation_id: str) -> HttpResponse:
    conversation = conversations.get_for(request.user, conversation_id)
    conversations.unarchive(conversation)
    return redirect("chat:show", conversation.pk)


@require_POST
@login_required
@refusals_told
def delete(request: UserRequest, conversation_id: str) -> HttpResponse:
    conversation = conversations.get_for(request.user, conversation_id)
    title = str(conversation)
    conversations.delete(conversation)
    messages.success(request, f"“{title}” is deleted. Its sandbox is still there.")
    return redirect(_where_it_was_not(request, conversation_id))


def _where_it_was_not(request: UserRequest, conversation_id: str) -> str:
    """Back to where one was; from a page of the conversation itself, to the workbench."""
    before = back(request)
    return "/" if conversation_id in before else before
