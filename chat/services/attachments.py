"""Attachments of messages: taken in, sent with a message, read, removed, forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chat.models import Attachment, Conversation, Message, Turn
from chat.services import attachment_files
from chat.services.attachment_names import numbered, safe
from chat.services.attachment_types import BINARY, TEXT
from chat.services.picture_size import HEAD, picture_size
from chat.services.storable import storable
from sandboxes.services import quotas
from vibe.accounts.models import User
from vibe.accounts.services import kept
from vibe.ids import new_id
from vibe.refusal import Refusal

MB = 1 << 20
# After so much the disk is looked at again while a content comes.
STEP = 16 * MB
UNSENT_KEPT = timedelta(days=1)
SWEPT_AT_ONCE = 1_000
PASTED = "Pasted text.txt"

KEPT = kept.register(
    kept.Kind(
        "attachments",
        "attachments",
        lambda owner: Attachment.objects.filter(owner_id=owner),
        lambda: settings.ATTACHMENTS_PER_USER,
        "Delete conversations that you do not need; theirs go with them.",
    )
)


def create(
    owner: User, name: str, content: Iterable[bytes], *, size: int | None = None
) -> Attachment:
    """Take a file in, as its content comes; it waits to be sent with a message.

    `size` is what its sender announced. Raises Refusal: too_large, limit (of the owner's number or
    disk space), unavailable (the disk is nearly full).
    """
    check_room(owner, size or 0)
    attachment_id = new_id("att_")
    try:
        came = attachment_files.receive(attachment_id, _watched(content), _most())
    except attachment_files.TooLarge:
        raise too_large() from None
    try:
        media_type, (width, height) = _picture(attachment_id, came.media_type)
        otherwise = "file.txt" if media_type == TEXT else "file"
        with transaction.atomic():
            KEPT.check(owner.pk)
            quotas.check_disk(owner.pk, came.size)
            return Attachment.objects.create(
                id=attachment_id,
                owner=owner,
                name=safe(name, otherwise=otherwise),
                media_type=media_type,
                size=came.size,
                sha256=came.sha256,
                width=width,
                height=height,
            )
    except BaseException:
        attachment_files.remove(attachment_id)
        raise


def check_room(owner: User, size: int) -> None:
    """Raise Refusal when so much would be refused; before anything of it is read."""
    if size > _most():
        raise too_large()
    quotas.check_reserve()
    with transaction.atomic():
        KEPT.check(owner.pk)
        quotas.check_disk(owner.pk, size)


def _watched(content: Iterable[bytes]) -> Iterator[bytes]:
    passed = 0
    for block in content:
        passed += len(block)
        if passed >= STEP:
            quotas.check_reserve()
            passed = 0
        yield block


def _picture(attachment_id: str, media_type: str) -> tuple[str, tuple[int, int]]:
    """What merely begins like a picture is none."""
    if media_type not in Attachment.PICTURES:
        return media_type, (0, 0)
    size = picture_size(attachment_files.beginning(attachment_id, HEAD), media_type)
    return (media_type, size) if size else (BINARY, (0, 0))


def _most() -> int:
    return int(settings.ATTACHMENT_MB) * MB


def too_large() -> Refusal:
    return Refusal(
        f"One attachment may have at most {settings.ATTACHMENT_MB} MB.",
        "Put larger files into the sandbox: by the panel Code, or by a command that fetches them.",
        "too_large",
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
    if any(one.message_id for one in found.values()):
        raise _sent()
    return [found[each] for each in wanted]


def attach(message: Message, chosen: Sequence[Attachment]) -> None:
    """Make them the message's, in the transaction that writes it: of two messages one gets them."""
    for position, one in enumerate(chosen):
        taken = Attachment.objects.filter(pk=one.pk, message=None).update(
            message=message, conversation_id=message.conversation_id, position=position
        )
        if not taken:
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
    deleted, _ = Attachment.objects.filter(pk=attachment.pk, message=None).delete()
    if not deleted:
        raise _sent()
    attachment_files.remove(attachment.pk)


def remove_files_of(conversation: Conversation) -> None:
    """Remove the bytes of what was sent in it, once its rows are gone for good."""
    ids = list(conversation.attachments.values_list("pk", flat=True))

    def removed() -> None:
        for each in ids:
            attachment_files.remove(each)

    transaction.on_commit(removed)


def text_beginning(attachment: Attachment, most: int) -> bytes:
    """Its first `most` bytes; b"" when they are gone."""
    try:
        return attachment_files.beginning(attachment.pk, most)
    except FileNotFoundError:
        return b""


def content(attachment: Attachment) -> Iterator[bytes]:
    """Its bytes, block by block. Raises Refusal(not_found) when they are gone."""
    found = attachment_files.blocks(attachment.pk)
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


def forget_unsent() -> int:
    """Delete what was not sent for a day, and the bytes whose rows are gone; how many went."""
    before = timezone.now() - UNSENT_KEPT
    unsent = Attachment.objects.filter(message=None, created_at__lt=before)
    ids = list(unsent.values_list("pk", flat=True)[:SWEPT_AT_ONCE])
    # One that is being sent right now stays.
    Attachment.objects.filter(pk__in=ids, message=None).delete()
    gone = 0
    waiting: list[str] = []
    for each in attachment_files.older_than(UNSENT_KEPT.total_seconds()):
        waiting.append(each)
        if len(waiting) >= SWEPT_AT_ONCE:
            gone += _remove_without_rows(waiting)
            waiting = []
    return gone + _remove_without_rows(waiting)


def _remove_without_rows(ids: Sequence[str]) -> int:
    there = set(Attachment.objects.filter(pk__in=ids).values_list("pk", flat=True))
    lost = [each for each in ids if each not in there]
    for each in lost:
        attachment_files.remove(each)
    return len(lost)


def kept_bytes() -> QuerySet[Any]:
    """What counts towards its owners' disk space."""
    return Attachment.objects.all()


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
