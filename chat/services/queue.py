"""The messages of a conversation that wait: added while a turn is under way, changed, ordered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, Max, QuerySet

from chat.models import Conversation, QueuedMessage, Turn
from chat.services import events, messages, turns
from chat.services.attaching import attachments
from chat.services.versioning import versions
from vibe.accounts.models import User
from vibe.refusal import Code, Refusal

# So many may wait in one conversation.
LIMIT = 20
When = QueuedMessage.When


def add(
    conversation: Conversation,
    text: str,
    *,
    when: str = When.STEP,
    model: str = "",
    effort: str = "",
    mode: str = "",
    attached: Sequence[str] = (),
) -> QueuedMessage | Turn:
    """Take a message of the person: it begins a turn at once, or waits while one is under way.

    `when` says whether it goes into that turn, at its next step, or follows it. `effort` and
    `mode` are for a turn that begins now; what waits goes by the conversation's when its moment
    comes. `attached`: ids of attachments, with which the text may be empty. Raises Refusal:
    invalid (empty or too long, no such effort), limit (too many wait already), not_found or
    conflict (an attachment).
    """
    said = messages.sound(text, attachments.choose(conversation.owner_id, attached))
    text = said.text
    if versions.is_undo(text) and not said.attached:  # is done without a model, so by its own turn
        when = When.TURN
    with transaction.atomic():
        lock(conversation.pk)
        others = waiting(conversation)
        if not is_busy(conversation.pk) and not others.filter(held=False).exists():
            return turns.start_turn(
                conversation, text, model=model, effort=effort, mode=mode, attached=attached
            )
        if others.count() >= LIMIT:
            raise Refusal(
                f"{LIMIT} messages wait in this conversation, which is the limit.",
                "Remove one, or wait until some have been sent.",
                Code.LIMIT,
            )
        last = others.aggregate(last=Max("position"))["last"]
        made = QueuedMessage.objects.create(
            conversation=conversation,
            text=text,
            when=when,
            model=model,
            position=0 if last is None else last + 1,
        )
        attachments.let_wait(made, said.attached)
        tell(conversation.pk)
    return made


def waiting(conversation: Conversation) -> QuerySet[QueuedMessage]:
    """Those that are still to be sent, in their order."""
    found = QueuedMessage.objects.filter(conversation=conversation, sent_at=None)
    return found.prefetch_related("attachments")


def get_for(user: User, queued_id: str) -> QueuedMessage:
    """The user's message, also one that was sent; Refusal(not_found) also for somebody else's."""
    found = (
        QueuedMessage.objects.select_related("conversation", "message")
        .filter(pk=queued_id, conversation__owner=user)
        .first()
    )
    if found is None:
        raise Refusal(
            "There is no such waiting message.",
            "It may have been removed in another tab.",
            Code.NOT_FOUND,
        )
    return found


def change(
    queued: QueuedMessage,
    *,
    text: str | None = None,
    when: str | None = None,
    revision: int | None = None,
) -> QueuedMessage:
    """Give a waiting message another text or another moment.

    `revision`: the state that was seen; Refusal(conflict) when somebody has changed it since, or
    when it has been sent meanwhile.
    """
    fields: dict[str, Any] = {"revision": F("revision") + 1}
    if text is not None:
        fields["text"] = messages.sound(text, list(queued.attachments.all())).text
        if versions.is_undo(fields["text"]):
            when = When.TURN
    if when is not None:
        fields["when"] = when
    seen = {} if revision is None else {"revision": revision}
    with transaction.atomic():
        rows = QueuedMessage.objects.filter(pk=queued.pk, sent_at=None, **seen)
        if not rows.update(**fields):
            raise why_not(queued)
        tell(queued.conversation_id)
    queued.refresh_from_db()
    return queued


def remove(queued: QueuedMessage) -> None:
    """Take a waiting message out, with its files. Refusal(conflict) when it has been sent
    meanwhile."""
    with transaction.atomic():
        lock(queued.conversation_id)
        if QueuedMessage.objects.filter(pk=queued.pk, sent_at=None).exists():
            attachments.remove_files_of(queued)
        gone, _ = QueuedMessage.objects.filter(pk=queued.pk, sent_at=None).delete()
        if not gone:
            raise why_not(queued)
        tell(queued.conversation_id)


def reorder(conversation: Conversation, ids: list[str]) -> list[QueuedMessage]:
    """Put the waiting messages into this order; `ids` names each of them once.

    Raises Refusal: not_found (one is unknown), conflict (others wait now than those named).
    """
    with transaction.atomic():
        lock(conversation.pk)
        rows = {row.pk: row for row in waiting(conversation).select_for_update()}
        known = QueuedMessage.objects.filter(conversation=conversation, pk__in=ids)
        if len(set(known.values_list("pk", flat=True)) | rows.keys()) < len({*ids, *rows}):
            raise Refusal(
                "There is no such waiting message.",
                "It may have been removed in another tab. Read the queue again.",
                Code.NOT_FOUND,
            )
        if sorted(ids) != sorted(rows):
            raise Refusal(
                "Other messages wait now than those that were put in order.",
                "One has been sent or added meanwhile. Look at the queue, then order it again.",
                Code.CONFLICT,
            )
        for position, pk in enumerate(ids):
            if rows[pk].position != position:
                QueuedMessage.objects.filter(pk=pk).update(position=position)
        tell(conversation.pk)
    return list(waiting(conversation))


def move(queued: QueuedMessage, by: int) -> None:
    """Let it change places with its neighbour: -1 the one before, 1 the one behind."""
    conversation = queued.conversation
    with transaction.atomic():
        lock(conversation.pk)
        ids = list(waiting(conversation).values_list("pk", flat=True))
        if queued.pk not in ids:
            raise why_not(queued)
        at = ids.index(queued.pk)
        to = min(max(at + by, 0), len(ids) - 1)
        ids.insert(to, ids.pop(at))
        reorder(conversation, ids)


def lock(conversation_id: str) -> None:
    """Until the transaction ends, nobody else starts or ends a turn here, or sends what waits."""
    list(Conversation.objects.order_by().select_for_update().filter(pk=conversation_id))


def is_busy(conversation_id: str) -> bool:
    return Turn.objects.filter(conversation=conversation_id, status__in=Turn.ACTIVE).exists()


def tell(conversation_id: str) -> None:
    """Let open pages look at the queue once the transaction is committed."""
    transaction.on_commit(lambda: events.queue_changed(conversation_id))


def why_not(queued: QueuedMessage) -> Refusal:
    """Why a message that was to be changed or sent waits no more, or not as it was seen."""
    now = QueuedMessage.objects.filter(pk=queued.pk).first()
    if now is None:
        return Refusal(
            "This message waits no more: it was removed in another tab.",
            "Send it as a new message if you still want it.",
            Code.CONFLICT,
        )
    if now.sent_at is not None:
        return Refusal(
            "This message has just been sent to the model.",
            "Send another one with what you want to add or take back.",
            Code.CONFLICT,
        )
    return Refusal(
        "This message was changed in another tab meanwhile.",
        "Look at what it says now, then change it again.",
        Code.CONFLICT,
    )
