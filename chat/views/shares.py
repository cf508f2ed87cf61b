"""Links to a conversation as its owner sees them: made, listed, ended."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from chat.services import conversations
from chat.services.sharing import links
from vibe.web.refusals import refusals_told
from vibe.web.requests import UserRequest

DAYS = ((1, "1 day"), (7, "7 days"), (30, "30 days"), (90, "90 days"), (365, "a year"))
USUAL = 7
LISTED = 100


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
@refusals_told
def show(request: UserRequest, conversation_id: str) -> HttpResponse:
    """The links that there are; POST makes one, whose address is shown this once."""
    conversation = conversations.get_for(request.user, conversation_id)
    made = ""
    if request.method == "POST":
        days = request.POST.get("days", "")
        _, word = links.create(
            conversation,
            request.user,
            expires_in=(int(days) if days.isdecimal() and len(days) < 6 else 0) * links.DAY,
            may_remix="remix" in request.POST,
            with_data="data" in request.POST and "remix" in request.POST,
        )
        made = links.address(word)
    view = {
        "conversation": conversation,
        "made": made,
        "shares": links.list_for(conversation)[:LISTED],
        "days": [one for one in DAYS if one[0] <= settings.SHARE_LINK_DAYS],
        "usual": min(USUAL, settings.SHARE_LINK_DAYS),
        "is_on": settings.SHARE_LINKS,
    }
    return render(request, "chat/shares.html", view)


@require_POST
@login_required
@refusals_told
def revoke(request: UserRequest, share_id: str) -> HttpResponse:
    share = links.revoke(links.get_for(request.user, share_id), request.user)
    messages.success(request, "The link has ended. Whoever opens it sees nothing any more.")
    return redirect("chat:shares", share.conversation_id)
