"""The page of the memory, and "Remember this"."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from chat.rendering.context import memory_view
from chat.services import conversations, messages_said
from chat.services.context import memory
from vibe.refusal import Refusal
from vibe.web.partials import notice
from vibe.web.refusals import refusals_told
from vibe.web.requests import UserRequest


@require_http_methods(["GET", "POST"])
@login_required
@refusals_told
def show(request: UserRequest, conversation_id: str) -> HttpResponse:
    """POST writes one of the files over the version that the page showed."""
    conversation = conversations.get_for(request.user, conversation_id)
    if request.method == "GET":
        return render(request, "chat/memory.html", memory_view(conversation))
    path, text = request.POST.get("path", ""), request.POST.get("text", "")
    try:
        memory.change(conversation, path, text, expect=request.POST.get("version", ""))
    except Refusal as error:
        if error.code == "not_found":
            raise
        # What was typed stays in its field, beside what the file is now.
        view = memory_view(conversation)
        view["files"] = [
            memory.MemoryFile(one.path, text, one.version) if one.path == path else one
            for one in view["files"]
        ]
        status = error.code.status
        return render(request, "chat/memory.html", {**view, "error": error}, status=status)
    messages.success(request, f"{path} is saved. The model is told so in its next turn.")
    return redirect("chat:memory", conversation.pk)


@require_POST
@login_required
@refusals_told
def remember(request: UserRequest, conversation_id: str) -> HttpResponse:
    """Add a line to AGENTS.md."""
    conversation = conversations.get_for(request.user, conversation_id)
    memory.remember(conversation, request.POST.get("words", ""))
    messages.success(request, "Added to AGENTS.md.")
    return redirect("chat:memory", conversation.pk)


@require_POST
@login_required
@refusals_told
def remember_message(request: UserRequest, message_id: str) -> HttpResponse:
    """Add a message of the person to AGENTS.md."""
    conversation, words = messages_said.by_person(request.user, message_id)
    line = memory.remember(conversation, words)
    said = f"Added to AGENTS.md: {line[:120]}"
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(notice(said, tone="info"))
    messages.success(request, said)
    return redirect("chat:memory", conversation.pk)
