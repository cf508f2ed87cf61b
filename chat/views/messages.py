"""One message anew, for a page that missed a piece of it or gets more than a frame holds."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from chat.models import Message
from chat.rendering.thread import load_messages, message_html
from vibe.web.partials import partial
from vibe.web.requests import UserRequest


@require_GET
@login_required
def show(request: UserRequest, message_id: str) -> HttpResponse:
    """The turn that the message belongs to, as partials for the thread."""
    message = (
        Message.objects.select_related("turn__conversation")
        .filter(pk=message_id, conversation__owner=request.user)
        .first()
    )
    if message is None:
        raise Http404("There is no such message.")
    found = load_messages([message.turn])
    html = "".join(message_html(each) for each in found)
    return HttpResponse(partial(html, "#thread", "upsert"))
