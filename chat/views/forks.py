"""Fork a conversation from a message, duplicate it, begin anew with its files."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from chat.services import conversations
from chat.services.branching import forks
from vibe.web.refusals import refusals_told
from vibe.web.requests import UserRequest


@require_POST
@login_required
@refusals_told
def fork(request: UserRequest, message_id: str) -> HttpResponse:
    message = conversations.message_for(request.user, message_id)
    return redirect("chat:show", forks.fork(message, request.user).pk)


@require_POST
@login_required
@refusals_told
def duplicate(request: UserRequest, conversation_id: str) -> HttpResponse:
    conversation = conversations.get_for(request.user, conversation_id)
    return redirect("chat:show", forks.duplicate(conversation, request.user).pk)


@require_POST
@login_required
@refusals_told
def new_sandbox(request: UserRequest, conversation_id: str) -> HttpResponse:
    """With the files of the last version."""
    conversation = conversations.get_for(request.user, conversation_id)
    made = forks.new_sandbox(conversation, request.user)
    messages.success(request, f"The sandbox {made.name} is starting with the files as they were.")
    return redirect("chat:show", conversation.pk)
