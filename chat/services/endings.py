"""The one way a turn ends: status, parts in flight, error report and events, all together."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

import redis
from django.db import DatabaseError, transaction
from django.db.models import Max, Q
from django.utils import timezone

from chat.models import Conversation, Message, Part, Question, QueuedMessage, Turn
from chat.services.checking import checks
from chat.services.events import TurnStream, conversation_changed
from chat.services.storable import storable
from chat.services.versioning import keeping, versions
from sandboxes.services import servers
from vibe.refusal import Refusal
from vibe.webhooks.services import announcing

logger = logging.getLogger(__name__)

IN_FLIGHT = (Part.State.STREAMING, Part.State.RUNNING, Part.State.WAITING)
# Tools after which files are others.
WRITING = ("write_files", "edit_file", "rename_file", "delete_files")
# What becomes of parts in flight.
_STATE_AT_END: dict[str, str] = {
    Turn.Status.COMPLETED: Part.State.DONE,
    Turn.Status.STOPPED: Part.State.STOPPED,
}


def end_turn(
    turn_id: str,
    status: str,
    *,
    among: Iterable[str] = Turn.ACTIVE,
    error: dict[str, str] | None = None,
    columns: dict[str, Any] | None = None,
) -> bool:
    """End the turn as `status` if it is in one of the statuses `among`; True if this call did it.

    error: {"title", "detail", "action"} for people; it also becomes a part of the answer.
    columns: more columns of the turn (history, tokens). Open pages are told; without Redis they
    read it from the rows when they come back.
    """
    now = timezone.now()
    error = storable(error)
    with transaction.atomic():
        # Whoever adds a message meanwhile sees the turn either under way or ended.
        list(Conversation.objects.order_by().select_for_update().filter(turns=turn_id))
        ended = Turn.objects.filter(pk=turn_id, status__in=list(among)).update(
            status=status, error=error, finished_at=now, waiting_for="", **(columns or {})
        )
        if not ended:
            return False
        _hold_back(turn_id, status)
        answer = Message.objects.filter(turn_id=turn_id, role=Message.Role.ASSISTANT).last()
        withdrawn = Question.objects.filter(turn_id=turn_id, status=Question.Status.OPEN).update(
            status=Question.Status.WITHDRAWN
        )
        changed = _settle_parts(answer, status, error) if answer else []
    turn = Turn.objects.select_related("conversation").get(pk=turn_id)
    announcing.announce(
        turn.conversation.owner_id,
        f"turn.{status}",
        {"id": turn.pk, "conversation": turn.conversation_id, "status": status, "error": error},
    )
    _ask_for_version(turn)
    if status == Turn.Status.COMPLETED:
        _refresh_servers(turn)
    _ask_for_check(turn)
    if withdrawn:
        conversation_changed(turn.conversation_id)
    stream = TurnStream(turn)
    try:
        for part in changed:
            stream.part_changed(part)
        last = stream.turn_ended(status)
        stream.finish()
    except redis.RedisError:
        return True
    Turn.objects.filter(pk=turn_id, cursor__lt=last).update(cursor=last)
    return True


def _hold_back(turn_id: str, status: str) -> None:
    """Messages that wait stay until the person sends them, unless the turn came to its own end."""
    asked = Q(stop_requested_at__isnull=False) | Q(stop_after_step_at__isnull=False)
    stopped = Turn.objects.filter(asked, pk=turn_id).exists()
    if status != Turn.Status.COMPLETED or stopped:
        QueuedMessage.objects.filter(conversation__turns=turn_id, sent_at=None).update(held=True)


def _ask_for_version(turn: Turn) -> None:
    """A turn ends whether or not its version can be asked for."""
    try:
        versions.after_turn(turn)
        keeping.thin_out(turn.conversation)
    except (Refusal, DatabaseError):
        logger.exception("There is no version of turn %s", turn.pk)


def _refresh_servers(turn: Turn) -> None:
    """What a turn has written is what runs, also where the model has forgotten to restart it."""
    sandbox = turn.conversation.sandbox
    wrote = Part.objects.filter(message__turn=turn, tool__in=WRITING, state=Part.State.DONE)
    if sandbox is not None and wrote.exists():
        servers.refresh(sandbox)


def _ask_for_check(turn: Turn) -> None:
    """As for its version, without which there is none."""
    try:
        checks.after_turn(turn)
    except (Refusal, DatabaseError):
        logger.exception("There is no check of turn %s", turn.pk)


def _settle_parts(answer: Message, status: str, error: dict[str, str] | None) -> list[Part]:
    now = timezone.now()
    state = _STATE_AT_END.get(status, Part.State.FAILED)
    changed = []
    for part in answer.parts.filter(state__in=IN_FLIGHT):
        part.state = state
        part.finished_at = now
        part.save(update_fields=["state", "finished_at"])
        changed.append(part)
    if error is not None:
        last = answer.parts.aggregate(last=Max("position"))["last"]
        changed.append(
            Part.objects.create(
                message=answer,
                position=0 if last is None else last + 1,
                kind=Part.Kind.ERROR,
                state=Part.State.FAILED,
                text=f"{error['title']}\n\n{error['detail']}".strip(),
                result=error,
                started_at=now,
                finished_at=now,
            )
        )
    return changed
