"""How waiting messages reach the model, each once: into the turn under way, or as the next one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

from chat.models import Conversation, Message, QueuedMessage, Turn
from chat.services import messages, queue, turns
from chat.services.attaching import attachments
from chat.services.storable import storable
from vibe.refusal import Refusal

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Delivered:
    """Messages that have gone into a turn, and the answer that follows them."""

    contents: list[Any]
    messages: list[Message]
    answer: Message


@dataclass(frozen=True)
class Telling:
    """How a model is told: the `content` of a message that waits, and that as JSON of a history.

    Both are called within a transaction.
    """

    content: Callable[[QueuedMessage], Any]
    as_history: Callable[[Any], Any]


def due(turn: Turn) -> list[QueuedMessage]:
    """The messages that wait for the turn's next step."""
    return list(_due(turn))


def deliver(
    turn: Turn, so_far: list[Any], telling: Telling, *, among: Collection[str]
) -> Delivered | None:
    """Put what waits for this step into the turn: into its thread and, behind `so_far`, into its
    history, so that a turn that is tried again tells the model of it as well.

    `among`: ids of the messages whose files are ready; others wait for the next step. All in one
    transaction: a worker that dies before its end has sent nothing, one that dies after it has sent
    each message once.
    """
    with transaction.atomic():
        queue.lock(turn.conversation_id)
        if not Turn.objects.filter(pk=turn.pk, status__in=Turn.ACTIVE).exists():
            return None
        rows = list(_due(turn).filter(pk__in=among).select_for_update())
        if not rows:
            return None
        # An answer that has said nothing yet goes behind them, as the message that it is.
        silent = turn.messages.filter(role=Message.Role.ASSISTANT, parts=None).last()
        if silent is not None:
            Message.objects.filter(pk=silent.pk).delete()
        written = [_written(turn, row) for row in rows]
        answer = messages.add(turn, Message.Role.ASSISTANT, pk=silent.pk if silent else None)
        contents = [telling.content(row) for row in rows]
        told = [*so_far, *map(telling.as_history, contents)]
        Turn.objects.filter(pk=turn.pk).update(history=storable(told))
        queue.tell(turn.conversation_id)
    return Delivered(contents, written, answer)


def go_on(conversation_id: str) -> Turn | None:
    """Begin the next turn with the first message that waits, if none is under way.

    Safe to call at any time and from several processes. What may not begin now waits on.
    """
    try:
        with transaction.atomic():
            queue.lock(conversation_id)
            conversation = Conversation.objects.filter(pk=conversation_id).first()
            if conversation is None or queue.is_busy(conversation_id):
                return None
            first = queue.waiting(conversation).select_for_update().filter(held=False).first()
            return None if first is None else _begin(conversation, first)
    except Refusal as error:
        logger.info("What waits in %s waits on: %s", conversation_id, error.message)
    except DatabaseError:
        logger.exception("What waits in %s waits on", conversation_id)
    return None


def go_on_all() -> int:
    """Begin turns whose moment a process that died has missed; how many."""
    ready = QueuedMessage.objects.filter(sent_at=None, held=False).exclude(
        conversation__turns__status__in=Turn.ACTIVE
    )
    ids = ready.order_by().values_list("conversation_id", flat=True).distinct()
    return sum(go_on(conversation_id) is not None for conversation_id in list(ids))


def send(queued: QueuedMessage) -> Turn | QueuedMessage:
    """The person wants it sent now: it begins a turn, or goes into the one under way.

    What else was held back is sent after it. Raises Refusal.
    """
    with transaction.atomic():
        queue.lock(queued.conversation_id)
        row = QueuedMessage.objects.select_for_update().filter(pk=queued.pk, sent_at=None).first()
        if row is None:
            raise queue.why_not(queued)
        held = QueuedMessage.objects.filter(conversation=row.conversation_id, sent_at=None)
        if queue.is_busy(row.conversation_id):
            held.filter(pk=row.pk).update(held=False)
            queue.tell(row.conversation_id)
            row.refresh_from_db()
            return row
        held.update(held=False)
        return _begin(row.conversation, row)


def _due(turn: Turn) -> Any:
    return queue.waiting(turn.conversation).filter(held=False, when=QueuedMessage.When.STEP)


def _begin(conversation: Conversation, row: QueuedMessage) -> Turn:
    attached = [one.pk for one in attachments.release(row)]
    turn = turns.start_turn(conversation, row.text, model=row.model, attached=attached)
    _mark_sent(row, turn.messages.get(role=Message.Role.USER))
    queue.tell(conversation.pk)
    return turn


def _written(turn: Turn, row: QueuedMessage) -> Message:
    message = messages.say(turn, messages.sound(row.text, attachments.release(row)))
    _mark_sent(row, message)
    return message


def _mark_sent(row: QueuedMessage, message: Message) -> None:
    """Whoever sets `sent_at` has sent it: nobody else does. Undone with the transaction."""
    claimed = QueuedMessage.objects.filter(pk=row.pk, sent_at=None).update(
        sent_at=timezone.now(), message=message, text=""
    )
    if not claimed:
        raise queue.why_not(row)
