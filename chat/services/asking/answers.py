"""Answering what a turn asks: once, whoever is first; then the turn goes on as a job."""

from __future__ import annotations

import logging

from django.db import transaction
from django.utils import timezone

from chat.models import Conversation, Part, Question, Turn
from chat.services import turns
from chat.services.asking import waiting
from chat.services.asking.answer_forms import Given, Settled, settle
from chat.services.storable import storable
from vibe.accounts.models import User
from vibe.refusal import Refusal

logger = logging.getLogger(__name__)

ALLOWED = 100


def answer(turn: Turn, given: Given, *, by: User | None = None, question_id: str = "") -> Turn:
    """Give the answer to what the turn asks now; it goes on in the background.

    question_id: the question that the one who answers has before him; empty for the open one.
    Raises Refusal: conflict (it waits for nothing, or was answered meanwhile), invalid (a wrong
    answer), limit (too many turns of the person are under way).
    """
    question = waiting.open_question(turn)
    if question is None or (question_id and question.pk != question_id):
        raise _too_late(turn, question_id)
    settled = settle(question.kind, question.asked, given)
    turns.check_share(turn.conversation.owner_id)
    with transaction.atomic():
        taken = Question.objects.filter(pk=question.pk, status=Question.Status.OPEN).update(
            status=Question.Status.ANSWERED,
            answer=storable(settled.answer),
            answered_by=by,
            answered_at=timezone.now(),
        )
        if not taken:
            raise _too_late(turn, question.pk)
        part = _settle_card(question, settled)
        _remember(turn, settled)
        _go_on(turn, settled)
    logger.info("The %s of turn %s is answered by %s", question.kind, turn.pk, by or "the platform")
    turn.refresh_from_db()
    waiting.tell(turn, *([part] if part else []))
    return turn


def _too_late(turn: Turn, question_id: str) -> Refusal:
    asked = turn.questions.filter(pk=question_id) if question_id else turn.questions.all()
    last = asked.order_by("created_at").last()
    if last is not None and last.status in (Question.Status.ANSWERED, Question.Status.USED):
        return Refusal(
            "This has been answered already, perhaps in another tab.",
            "The page shows which answer counts.",
            code="conflict",
        )
    return Refusal(
        "The turn waits for nothing.",
        "It has ended, or is at work: see its status.",
        code="conflict",
    )


def _settle_card(question: Question, settled: Settled) -> Part | None:
    part = question.part
    if part is None:
        return None
    part.state = settled.state
    if settled.state not in (Part.State.RUNNING, Part.State.WAITING):
        part.finished_at = timezone.now()
    if settled.result is not None:
        part.result = storable(settled.result)
    part.save(update_fields=["state", "result", "finished_at"])
    return part


def _remember(turn: Turn, settled: Settled) -> None:
    """What the answer settles for the whole conversation."""
    conversation = Conversation.objects.select_for_update().get(pk=turn.conversation_id)
    if settled.allowed:
        names = [*conversation.allowed, *settled.allowed]
        conversation.allowed = list(dict.fromkeys(names))[:ALLOWED]
    if settled.mode:
        conversation.mode = settled.mode
    conversation.save(update_fields=["allowed", "mode"])


def _go_on(turn: Turn, settled: Settled) -> None:
    changed = {"mode": settled.mode} if settled.mode else {}
    queued = Turn.objects.filter(pk=turn.pk, status=Turn.Status.WAITING).update(
        status=Turn.Status.QUEUED, waiting_for="", **changed
    )
    if not queued:
        raise _too_late(turn, "")
    turns.enqueue_turn(turn)
