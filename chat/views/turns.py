"""Send a message or let it wait, stop the answer, try it again."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from chat.models import Conversation, Turn
from chat.rendering.thread import state_partials, turn_partial
from chat.services import conversations, queue, stopping, turns
from chat.services.offered_models import choices
from chat.services.pointing import picked
from chat.views.attachments import brought
from vibe.web.refusals import refusals_told
from vibe.web.requests import UserRequest


@require_POST
@login_required
@refusals_told
def start(request: UserRequest) -> HttpResponse:
    """The first message of a new conversation."""
    text, attached = brought(request, _said(request))
    if not text and not attached:
        return redirect("chat:new")
    asked = {**_asked_with(request), "mode": _mode(request)}
    with transaction.atomic():  # what is refused leaves no empty conversation behind
        conversation = conversations.create(request.user, model=asked["model"])
        if "fix_errors_shown" in request.POST:
            choices.choose(conversation, fix_errors="fix_errors" in request.POST)
        turns.start_turn(conversation, text, attached=attached, **asked)
    return redirect("chat:show", conversation.pk)


@require_POST
@login_required
@refusals_told
def send(request: UserRequest, conversation_id: str) -> HttpResponse:
    conversation = conversations.get_for(request.user, conversation_id)
    text, attached = brought(request, _said(request))
    if not text and not attached:
        return (
            HttpResponse(status=204)
            if _by_htmx(request)
            else redirect("chat:show", conversation.pk)
        )
    return sent(request, conversation, text, attached=attached, mode=_mode(request))


def sent(
    request: UserRequest,
    conversation: Conversation,
    text: str,
    *,
    attached: Sequence[str] = (),
    mode: str = "",
) -> HttpResponse:
    """Send it now, or let it wait while a turn is under way; the page as it is then."""
    # What waits is answered by the model and with the effort that are chosen when its moment comes.
    chosen = {} if queue.is_busy(conversation.pk) else _asked_with(request)
    asked = {**chosen, "mode": mode}
    taken = queue.add(conversation, text, attached=attached, **asked)
    if isinstance(taken, Turn):
        return _answer(request, taken)
    if not _by_htmx(request):
        return redirect("chat:show", conversation.pk)
    return HttpResponse(state_partials(conversation, turns.latest(conversation)))


@require_POST
@login_required
@refusals_told
def stop(request: UserRequest, conversation_id: str) -> HttpResponse:
    """Stop the turn that is under way when its step is done, or `at_once`; none is fine too."""
    conversation = conversations.get_for(request.user, conversation_id)
    turn = conversation.turns.filter(status__in=Turn.ACTIVE).first()
    if turn is not None:
        stopping.stop_turn(turn, request.user, after_step="at_once" not in request.POST)
        turn.refresh_from_db()
    if not _by_htmx(request):
        return redirect("chat:show", conversation.pk)
    return HttpResponse(state_partials(conversation, turns.latest(conversation)))


@require_POST
@login_required
@refusals_told
def retry(request: UserRequest, turn_id: str) -> HttpResponse:
    turn = turns.get_for(request.user, turn_id)
    return _answer(request, turns.retry_turn(turn, model=request.POST.get("model", "")))


def _answer(request: UserRequest, turn: Turn) -> HttpResponse:
    """The new turn's messages at once, so that the page does not wait for its socket."""
    conversation = turn.conversation
    if not _by_htmx(request):
        return redirect("chat:show", conversation.pk)
    turn.refresh_from_db()
    return HttpResponse(turn_partial(turn, swap="insert") + state_partials(conversation, turn))


def _asked_with(request: UserRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in ("model", "effort")}


def _said(request: UserRequest) -> str:
    """The message; a starter's button sends its own text beside the empty field's."""
    said = request.POST.getlist("message")
    text = next((text for text in reversed(said) if text.strip()), "")
    return picked.joined(text, request.POST.getlist("element"))


def _mode(request: UserRequest) -> str:
    """The composer's mode; what it does not know leaves the conversation's."""
    mode = request.POST.get("mode", "")
    return mode if mode in Conversation.Mode.values else ""


def _by_htmx(request: UserRequest) -> bool:
    return request.headers.get("HX-Request") == "true"
