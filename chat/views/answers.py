"""The answer to what a turn asks, from the form of its card."""

from __future__ import annotations

import re

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from chat.models import Turn
from chat.rendering.thread import state_partials, turn_partial
from chat.services import turns
from chat.services.asking import answers
from chat.services.asking.answer_forms import QUESTIONS, Given
from vibe.refusal import Refusal
from vibe.web.partials import notice
from vibe.web.refusals import refusals_told
from vibe.web.requests import UserRequest


@require_POST
@login_required
@refusals_told
def answer(request: UserRequest, turn_id: str) -> HttpResponse:
    turn = turns.get_for(request.user, turn_id)
    try:
        turn = answers.answer(
            turn, _given(request), by=request.user, question_id=request.POST.get("question", "")
        )
    except Refusal as error:
        if error.code != "conflict" or request.headers.get("HX-Request") != "true":
            raise
        # Another tab was first: this one gets the answer that counts, and the reason.
        turn.refresh_from_db()
        return HttpResponse(_shown(turn) + notice(error.message, hint=error.hint, tone="info"))
    if request.headers.get("HX-Request") != "true":
        return redirect("chat:show", turn.conversation_id)
    return HttpResponse(_shown(turn))


def _shown(turn: Turn) -> str:
    return turn_partial(turn) + state_partials(turn.conversation, turn)


def _given(request: UserRequest) -> Given:
    form = request.POST
    steps = form.getlist("step")
    return Given(
        answers=[_one(request, number) for number in range(min(_count(request), QUESTIONS))],
        decision=form.get("decision", ""),
        text=form.get("text", ""),
        steps=steps or None,
    )


def _count(request: UserRequest) -> int:
    count = request.POST.get("questions", "0")
    return int(count) if re.fullmatch(r"[0-9]{1,2}", count) else 0


def _one(request: UserRequest, number: int) -> dict[str, object]:
    """A button of the choices counts more than what stands in the field beside it."""
    pressed = request.POST.get(f"pressed-{number}", "")
    text = "" if pressed else request.POST.get(f"text-{number}", "")
    choice = pressed or request.POST.get(f"choice-{number}", "")
    chosen = int(choice) if re.fullmatch(r"[0-9]{1,2}", choice) else None
    return {"choice": chosen, "text": text}
