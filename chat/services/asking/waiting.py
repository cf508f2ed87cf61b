"""A turn that waits for the person: what it asks is a row, and nothing runs meanwhile."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import redis
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from chat.models import Message, Part, Question, Turn
from chat.services.events import TurnStream, conversation_changed
from chat.services.storable import storable
from vibe.webhooks.services import announcing

logger = logging.getLogger(__name__)

# A program that answers everything could otherwise be asked for ever.
QUESTIONS_PER_TURN = 100
TOO_MANY = {
    "title": "The turn asked too often",
    "detail": f"It has asked {QUESTIONS_PER_TURN} times, which is the limit of one turn. Send what "
    "is left to do as a new message.",
    "action": "",
}


@dataclass(frozen=True)
class Asked:
    """What a turn waits for: `kind` as in Turn.WaitingFor, `asked` in that kind's form, and the
    tool call whose card shows it; without one a part of its own does."""

    kind: str
    asked: dict[str, Any]
    tool_call_id: str = ""


def begin(turn: Turn, asked: Asked, *, columns: dict[str, Any] | None = None) -> bool:
    """Let the running turn wait for an answer; False when it was stopped meanwhile.

    columns: more columns of the turn (history, tokens).
    """
    given = given_answer(turn)
    with transaction.atomic():
        waits = Turn.objects.filter(
            pk=turn.pk, status=Turn.Status.RUNNING, stop_requested_at=None
        ).update(
            status=Turn.Status.WAITING,
            waiting_for=asked.kind,
            worker="",
            **(columns or {}),
        )
        if not waits:
            return False
        if given is not None:
            use(given)
        part = _card(turn, asked.tool_call_id)
        Question.objects.create(
            turn=turn,
            kind=asked.kind,
            part=part,
            tool_call_id=asked.tool_call_id,
            asked=storable(asked.asked),
        )
    turn = Turn.objects.select_related("conversation").get(pk=turn.pk)
    announcing.announce(
        turn.conversation.owner_id,
        "turn.waiting",
        {"id": turn.pk, "conversation": turn.conversation_id, "waiting_for": asked.kind},
    )
    tell(turn, part)
    return True


def _card(turn: Turn, tool_call_id: str) -> Part:
    answer = turn.messages.filter(role=Message.Role.ASSISTANT).latest("position")
    part = answer.parts.filter(tool_call_id=tool_call_id).last() if tool_call_id else None
    if part is None:
        last = answer.parts.aggregate(last=Max("position"))["last"]
        part = Part(
            message=answer,
            position=0 if last is None else last + 1,
            kind=Part.Kind.ASKED,
            started_at=timezone.now(),
        )
    part.state = Part.State.WAITING
    part.save()
    return part


def tell(turn: Turn, *changed: Part) -> None:
    """Tell open pages that the turn waits now, or goes on; without Redis they read the rows."""
    stream = TurnStream(turn)
    try:
        for part in changed:
            stream.part_changed(part)
        if turn.status == Turn.Status.WAITING:
            last = stream.turn_waits(turn.waiting_for)
        else:
            last = stream.turn_goes_on()
    except redis.RedisError:
        logger.warning("Redis does not answer; pages of turn %s see its rows later", turn.pk)
        return
    Turn.objects.filter(pk=turn.pk, cursor__lt=last).update(cursor=last)
    conversation_changed(turn.conversation_id)


def may_ask(turn: Turn) -> bool:
    return Question.objects.filter(turn=turn).count() < QUESTIONS_PER_TURN


def open_question(turn: Turn) -> Question | None:
    """What the turn asks at this moment."""
    return Question.objects.filter(turn=turn, status=Question.Status.OPEN).first()


def given_answer(turn: Turn) -> Question | None:
    """The answer with which the turn goes on, until it is used."""
    return Question.objects.filter(turn=turn, status=Question.Status.ANSWERED).last()


def give_back(turn: Turn) -> bool:
    """Queue the running turn again, whose worker has ended before it took the answer up: nothing
    of it is done yet. False when that is not so."""
    if given_answer(turn) is None:
        return False
    mine = Turn.objects.filter(
        pk=turn.pk, status=Turn.Status.RUNNING, worker=turn.worker, stop_requested_at=None
    )
    return bool(mine.update(status=Turn.Status.QUEUED, worker=""))


def use(question: Question) -> bool:
    """Take the answer up; True for the one who does it."""
    taken = Question.objects.filter(pk=question.pk, status=Question.Status.ANSWERED)
    return bool(taken.update(status=Question.Status.USED))
