"""Messages that wait, as chips above the composer: changed, moved, sent, taken out."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_GET, require_POST

from chat.rendering.queue import queue_partial
from chat.rendering.thread import state_partials
from chat.services import conversations, delivery, queue, turns
from vibe.refusal import Refusal
from vibe.web.refusals import refusals_told
from vibe.web.requests import UserRequest

MOVES = {"up": -1, "down": 1}


@require_GET
@login_required
@refusals_told
def show(request: UserRequest, conversation_id: str) -> HttpResponse:
    """The queue anew."""
    return HttpResponse(queue_partial(conversations.get_for(request.user, conversation_id)))


@require_POST
@login_required
@refusals_told
def change(request: UserRequest, queued_id: str) -> HttpResponse:
    """`do` says what: save (text, moment), up, down, send, remove."""
    queued = queue.get_for(request.user, queued_id)
    match request.POST.get("do", ""):
        case "save":
            revision = request.POST.get("revision", "")
            queue.change(
                queued,
                text=request.POST.get("message"),
                when=_moment(request),
                revision=int(revision) if revision.isdecimal() else None,
            )
        case "up" | "down" as direction:
            queue.move(queued, MOVES[direction])
        case "send":
            delivery.send(queued)
        case "remove":
            queue.remove(queued)
        case _:
            raise Refusal("That cannot be done with a waiting message.", "Reload the page.")
    conversation = queued.conversation
    return HttpResponse(state_partials(conversation, turns.latest(conversation)))


def _moment(request: UserRequest) -> str | None:
    wanted = request.POST.get("when")
    return wanted if wanted in queue.When.values else None
