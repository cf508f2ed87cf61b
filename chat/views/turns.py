"""Send a message, stop the answer, try it again."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from chat.models import Turn
from chat.rendering.thread import state_partials, turn_partial
from chat.services import conversations, turns
from vibe.web.refusals import refusals_told
from vibe.web.requests import UserRequest


@require_POST
@login_required
@refusals_told
def start(request: UserRequest) -> HttpResponse:
    """The first message of a new conversation."""
    text = _said(request)
    if not text:
        return redirect("chat:new")
    conversation = conversations.create(request.user, model=request.POST.get("model", ""))
    turns.start_turn(conversation, text, model=request.POST.get("model", ""))
    return redirect("chat:show", conversation.pk)


@require_POST
@login_required
@refusals_told
def send(request: UserRequest, conversation_id: str) -> HttpResponse:
    conversation = conversations.get_for(request.user, conversation_id)
    text = _said(request)
    if not text:
        return (
            HttpResponse(status=204)
            if _by_htmx(request)
            else redirect("chat:show", conversation.pk)
        )
    turn = turns.start_turn(conversation, text, model=request.POST.get("model", ""))
    return answer(request, turn)


@require_POST
@login_required
@refusals_told
def stop(request: UserRequest, conversation_id: str) -> HttpResponse:
    """Stop whatever turn is under way; none is fine too."""
    conversation = conversations.get_for(request.user, conversation_id)
    turn = conversation.turns.filter(status__in=Turn.ACTIVE).first()
    if turn is not None:
        turns.stop_turn(turn, request.user)
        turn.refresh_from_db()
    if not _by_htmx(request):
        return redirect("chat:show", conversation.pk)
    latest = conversation.turns.order_by("-created_at", "-id").first()
    return HttpResponse(state_partials(conversation, latest))


@require_POST
@login_required
@refusals_told
def retry(request: UserRequest, turn_id: str) -> HttpResponse:
    turn = turns.get_for(request.user, turn_id)
    return answer(request, turns.retry_turn(turn, model=request.POST.get("model", "")))


def answer(request: UserRequest, turn: Turn) -> HttpResponse:
    """The new turn's messages at once, so that the page does not wait for its socket."""
    conversation = turn.conversation
    if not _by_htmx(request):
        return redirect("chat:show", conversation.pk)
    turn.refresh_from_db()
    return HttpResponse(turn_partial(turn, swap="insert") + state_partials(conversation, turn))


def _said(request: UserRequest) -> str:
    """The message; a starter's button sends its own text beside the empty field's."""
    said = request.POST.getlist("message")
    return next((text for text in reversed(said) if text.strip()), "")


def _by_htmx(request: UserRequest) -> bool:
    return request.headers.get("HX-Request") == "true"
