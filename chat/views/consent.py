"""In which mode the model works, what it asks before, and what counts as risky."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from chat.models import Conversation
from chat.services import conversations
from chat.tools import risks
from vibe.refusal import Refusal
from vibe.web.refusals import refusals_told
from vibe.web.requests import UserRequest


@require_POST
@login_required
@refusals_told
def choose_mode(request: UserRequest, conversation_id: str) -> HttpResponse:
    conversation = conversations.get_for(request.user, conversation_id)
    mode = _known(request.POST.get("mode", ""), Conversation.Mode.values)
    conversations.choose_mode(conversation, mode)
    return _done(request, conversation)


@require_POST
@login_required
@refusals_told
def choose_approval(request: UserRequest, conversation_id: str) -> HttpResponse:
    conversation = conversations.get_for(request.user, conversation_id)
    approval = _known(request.POST.get("approval", ""), Conversation.Approval.values)
    conversations.choose_approval(conversation, approval)
    return _done(request, conversation)


@require_GET
@login_required
def risks_page(request: UserRequest) -> HttpResponse:
    return render(request, "chat/risks.html", {"rules": risks.RULES, "never": risks.NEVER})


def _known(value: str, known: list[str]) -> str:
    if value not in known:
        raise Refusal("This choice does not exist.", "Reload the page and choose again.")
    return value


def _done(request: UserRequest, conversation: Conversation) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    return redirect("chat:show", conversation.pk)
