"""Attachments of messages: found, sent with one or waiting with one, read, removed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from chat.models import Attachment, Conversation, Message, QueuedMessage, Turn
from chat.services.attaching import stored_files
from chat.services.attaching.file_names import numbered
from chat.services.storable import storable
from vibe.accounts.models import User
from vibe.accounts.services import kept
from vibe.refusal import Refusal

KEPT = kept.register(
    kept.Kind(
        "attachments",
        "attachments",
        lambda owner: Attachment.objects.filter(owner_id=owner),
        lambda: settings.ATTACHMENTS_PER_USER,
        "Delete conversations that you do not need; theirs go with them.",
    )
)


def get_for(user: User, attachment_id: str) -> Attachment:
    """The user's attachment, sent or not; Refusal(not_found) also for somebody else's."""
    found = Attachment.objects.filter(owner=user, pk=attachment_id).first()
    if found is None:
        raise _not_found()
    return found


def choose(owner_id: int, ids: Sequence[str]) -> list[Attachment]:
    """The attachments that a message wants to bring along, in that order.

    Raises Refusal: not_found (also for somebody else's), conflict (sent before), limit.
    """
    wanted = list(dict.fromkeys(storable(list(ids))))
    most = settings.ATTACHMENTS_PER_MESSAGE
    if len(wanted) > most:
        raise Refusal(
            f"A message may have {most} attachments, and this has {len(wanted)}.",
            "Send them with several messages, or as one archive.",
            "limit",
        )
    found = Attachment.objects.filter(owner_id=owner_id, pk__in=wanted).in_bulk() if wanted else {}
    if len(found) < len(wanted):
        raise _not_found()
    if any(one.message_id or one.queued_id for one in found.values()):
        raise _sent()
    return [found[each] for each in wanted]


def attach(message: Message, chosen: Sequence[Attachment]) -> None:
    """Make them the message's, in the transaction that writes it: of two messages one gets them."""
    _take(chosen, message=message, conversation_id=message.conversation_id)


def let_wait(queued: QueuedMessage, chosen: Sequence[Attachment]) -> None:
    """Let them wait with a message, in the transaction that writes it."""
    _take(chosen, queued=queued, conversation_id=queued.conversation_id)


def release(queued: QueuedMessage) -> list[Attachment]:
    """Those that wait with it, to be attached to what it becomes in the same transaction."""
    found = list(queued.attachments.all())
    queued.attachments.update(queued=None)
    return found


def _take(chosen: Sequence[Attachment], **by: Any) -> None:
    for position, one in enumerate(chosen):
        free = Attachment.objects.filter(pk=one.pk, message=None, queued=None)
        if not free.update(position=position, **by):
            raise _sent()


def of_turn(turn: Turn) -> list[Attachment]:
    """Those of the request that the turn answers, also when it does another one again."""
    asked: Turn | None = turn
    while asked is not None:
        said = Message.objects.filter(turn=asked, role=Message.Role.USER)
        if said.exists():
            found = Attachment.objects.filter(message__in=said)
            return list(found.order_by("message__position", "position"))
        asked = asked.retry_of
    return []


def remove(attachment: Attachment) -> None:
    """Take one back that was not sent. Raises Refusal(conflict) for one that was."""
    unsent = Attachment.objects.filter(pk=attachment.pk, message=None, queued=None)
    deleted, _ = unsent.delete()
    if not deleted:
        raise _sent()
    stored_files.remove(attachment.pk)


def remove_files_of(holder: Conversation | QueuedMessage) -> None:
    """Remove the bytes of what was sent in it or waits with it, once its rows are gone."""
    ids = list(holder.attachments.values_list("pk", flat=True))

    def removed() -> None:
        for each in ids:
            stored_files.remove(each)

    transaction.on_commit(removed)


def text_beginning(attachment: Attachment, most: int) -> bytes:
    """Its first `most` bytes; b"" when they are gone."""
    try:
        return stored_files.beginning(attachment.pk, most)
    except FileNotFoundError:
        return b""


def content(attachment: Attachment) -> Iterator[bytes]:
    """Its bytes, block by block. Raises Refusal(not_found) when they are gone."""
    found = stored_files.blocks(attachment.pk)
    try:
        first = next(found, b"")
    except FileNotFoundError:
        raise _not_found() from None
    return _joined(first, found)


def _joined(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def owners(ids: Iterable[str]) -> dict[str, int]:
    """The owners of those that there still are."""
    return dict(Attachment.objects.filter(pk__in=list(ids)).values_list("pk", "owner_id"))


def kept_bytes() -> QuerySet[Any]:
    """What counts towards its owners' disk space."""
    return Attachment.objects.filter(copy_of=None)  # copies share the bytes


def path_for(attachment: Attachment, number: int = 1) -> str:
    """Where it goes in a workspace; `number` tells it from others of its name."""
    return f"attachments/{numbered(attachment.name, number)}"


def _not_found() -> Refusal:
    return Refusal(
        "There is no such attachment.",
        "What is not sent is kept for a day. Attach it again.",
        "not_found",
    )


def _sent() -> Refusal:
    return Refusal(
        "This attachment was sent with a message before.", "Attach the file again.", "conflict"
    )
