"""Earlier attempts on the page: edit and resend, answer again, bring back."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chat.models import Message
from chat.rendering.attempts import thread_partial
from chat.rendering.model_choice import model_choice
from chat.services import conversations, messages, turns
from chat.services.branching import attempts
from chat.services.context.history import text_of
from vibe.web.refusals import refusals_told
from vibe.web.requests import UserRequest


@require_http_methods(["GET", "POST"])
@login_required
@refusals_told
def edit(request: UserRequest, message_id: str) -> HttpResponse:
    """GET asks what to say and what becomes of the files; POST sends it."""
    message = attempts.message_of(request.user, message_id)
    if request.method == "GET":
        view = {"text": text_of(message), "limit": messages.MESSAGE_LIMIT}
        return _asked(request, message, view | {"message": message})
    attempts.resend(message, request.POST.get("message", ""), **_choices(request))
    return redirect("chat:show", message.conversation_id)


@require_http_methods(["GET", "POST"])
@login_required
@refusals_told
def regenerate(request: UserRequest, turn_id: str) -> HttpResponse:
    """GET asks for the model and what becomes of the files; POST does it."""
    turn = turns.get_for(request.user, turn_id)
    if request.method == "GET":
        return _asked(request, attempts.message_for(turn), {"turn_id": turn.pk})
    attempts.regenerate(turn, **_choices(request))
    return redirect("chat:show", turn.conversation_id)


@require_POST
@login_required
@refusals_told
def bring_back(request: UserRequest, turn_id: str) -> HttpResponse:
    turn = attempts.bring_back(turns.get_for(request.user, turn_id))
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(thread_partial(turn.conversation))
    return redirect("chat:show", turn.conversation_id)


@require_GET
@login_required
@refusals_told
def thread(request: UserRequest, conversation_id: str) -> HttpResponse:
    """The thread anew, for a page whose turns were set aside or brought back."""
    return HttpResponse(thread_partial(conversations.get_for(request.user, conversation_id)))


def _choices(request: UserRequest) -> dict[str, Any]:
    return {
        "model": request.POST.get("model", ""),
        "restore_files": request.POST.get("files") == "restore",
    }


def _asked(request: UserRequest, message: Message, view: dict[str, Any]) -> HttpResponse:
    conversation = message.conversation
    by_htmx = request.headers.get("HX-Request") == "true"
    context = {
        "conversation": conversation,
        "action": request.path,
        "turn_id": message.turn_id,
        **model_choice(request.user, conversation, {}),
        "before": attempts.version_before(message),
        **view,
    }
    return render(request, "chat/_resend.html" if by_htmx else "chat/resend.html", context)
