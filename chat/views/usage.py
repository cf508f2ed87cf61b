"""Money on the pages: the usage of the person, what a conversation cost, and its cap."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from chat.models import Turn
from chat.rendering.spending import PERIODS, cost_view, usage_view
from chat.services import conversations, turns
from chat.services.spending import caps, sums
from vibe.refusal import Refusal
from vibe.web.refusals import refusals_told
from vibe.web.requests import UserRequest


@require_GET
@login_required
def show(request: UserRequest) -> HttpResponse:
    """Of the last `days`; staff sees everybody's with `all`."""
    wanted = request.GET.get("days", "")
    days = int(wanted) if wanted in {str(days) for days in PERIODS} else sums.USUAL_DAYS
    of_all = request.user.is_staff and "all" in request.GET
    view = usage_view(None if of_all else request.user, days, viewer=request.user)
    return render(request, "chat/usage.html", view)


@require_GET
@login_required
@refusals_told
def cost(request: UserRequest, conversation_id: str) -> HttpResponse:
    """Of the whole conversation, or of its `turn`."""
    conversation = conversations.get_for(request.user, conversation_id)
    turn: Turn | None = None
    if wanted := request.GET.get("turn", ""):
        turn = turns.get_for(request.user, wanted)
        conversation = turn.conversation
    page = "chat/_cost.html" if request.headers.get("HX-Request") == "true" else "chat/cost.html"
    return render(request, page, cost_view(conversation, turn))


@require_POST
@login_required
@refusals_told
def set_cap(request: UserRequest, conversation_id: str) -> HttpResponse:
    """Dollars; an empty field takes the cap away."""
    conversation = conversations.get_for(request.user, conversation_id)
    amount = _dollars(request.POST.get("amount", ""))
    caps.set_for(conversation, amount, _dollars(request.POST.get("unknown_price", "")))
    said = f"The cap is ${amount:,.2f}." if amount is not None else "There is no cap of its own."
    messages.success(request, said)
    return redirect("chat:cost", conversation.pk)


def _dollars(text: str) -> Decimal | None:
    text = text.strip().removeprefix("$")
    if not text:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        raise Refusal(
            f"“{text[:40]}” is no amount.", "Write it like 2.50, or leave it empty.", "invalid"
        ) from None
