"""Have the model mend a command that failed, by a button of its card."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from chat.models import Part
from chat.tools.run_command import repair
from chat.views.turns import sent
from vibe.web.refusals import refusals_told
from vibe.web.requests import UserRequest


@require_POST
@login_required
@refusals_told
def fix(request: UserRequest, part_id: str) -> HttpResponse:
    """Send a message with the failure in the conversation of the card."""
    part = (
        Part.objects.select_related("command__sandbox", "message__conversation")
        .filter(pk=part_id, message__conversation__owner=request.user)
        .first()
    )
    if part is None or part.command is None:
        raise Http404("There is no such command.")
    conversation = part.message.conversation
    if not part.command.is_finished or part.command.succeeded:
        return redirect("chat:show", conversation.pk)
    return sent(request, conversation, repair.request(part.command))
