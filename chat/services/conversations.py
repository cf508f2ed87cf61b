"""Conversations: to begin, find, rename, put away and delete."""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from chat.models import Check, Conversation, Message, Turn
from chat.services import events, titles
from chat.services.attaching import attachments
from chat.services.versioning import versions
from vibe.accounts.models import User
from vibe.accounts.services import kept
from vibe.accounts.services.rights import Subject
from vibe.refusal import Refusal

KEPT = kept.register(
    kept.Kind(
        "conversations",
        "conversations",
        lambda owner: Conversation.objects.filter(owner_id=owner),
        lambda: settings.CONVERSATIONS_PER_USER,
        "Delete some that you do not need; those that are put away count too.",
    )
)


def create(owner: User, *, title: str = "", model: str = "") -> Conversation:
    """Begin a conversation; without a title it takes the first line of the first message.

    Raises Refusal(limit) when the owner keeps as many as one may.
    """
    with transaction.atomic():
        KEPT.check(owner.pk)
        return Conversation.objects.create(owner=owner, title=titles.clean(title), model=model)


def get_for(user: User, conversation_id: str) -> Conversation:
    """The user's conversation; Refusal(not_found) also for somebody else's."""
    found = Conversation.objects.filter(owner=user, pk=conversation_id).first()
    if found is None:
        raise Refusal(
            "There is no such conversation.", "It may have been deleted.", code="not_found"
        )
    return found


def message_for(user: User, message_id: str) -> Message:
    """A message of a conversation of the user; Refusal(not_found) also for somebody else's."""
    found = (
        Message.objects.select_related("turn", "conversation__sandbox")
        .filter(pk=message_id, conversation__owner=user)
        .first()
    )
    if found is None:
        raise Refusal("There is no such message.", "It may have been deleted.", code="not_found")
    return found


def owners(ids: Collection[str]) -> dict[str, int]:
    """The owners of those conversations that there still are."""
    return dict(Conversation.objects.filter(pk__in=ids).values_list("pk", "owner_id"))


def subject(conversation_id: str) -> Subject:
    """The conversation, as what an open connection is about."""
    return Subject(conversation_id, owners)


def list_for(user: User, *, archived: bool = False) -> QuerySet[Conversation]:
    """The user's conversations that are not put away, or those that are, the latest first."""
    found = Conversation.objects.filter(owner=user, archived_at__isnull=not archived)
    return found.order_by("-updated_at")


def with_status(rows: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """The same, each with the status of its last turn as `last_status`, and as `last_picture` the
    id of the last check that has a picture of its app; None without."""
    turns = Turn.objects.filter(conversation=OuterRef("pk"), superseded_by=None)
    turns = turns.order_by("-created_at", "-id")
    seen = Check.objects.filter(turn__conversation=OuterRef("pk"), turn__superseded_by=None)
    seen = seen.filter(visit__pictures__name="page-small").order_by("-created_at", "-id")
    return rows.annotate(
        last_status=Subquery(turns.values("status")[:1]),
        last_picture=Subquery(seen.values("pk")[:1]),
    )


def rename(conversation: Conversation, title: str) -> Conversation:
    title = titles.clean(title)
    if not title:
        raise Refusal("A title needs at least one letter.", "Type a title.", code="invalid")
    conversation.title = title
    conversation.save(update_fields=["title"])
    events.conversation_changed(conversation.pk)
    return conversation


def choose_mode(conversation: Conversation, mode: str) -> Conversation:
    """Set the mode of the turns to come: Conversation.Mode."""
    conversation.mode = mode
    conversation.save(update_fields=["mode"])
    return conversation


def choose_approval(conversation: Conversation, approval: str) -> Conversation:
    """Say before which steps the model has to ask, from its next call on: Conversation.Approval.

    What was allowed for the whole conversation is asked for anew.
    """
    conversation.approval, conversation.allowed = approval, []
    conversation.save(update_fields=["approval", "allowed"])
    return conversation


def archive(conversation: Conversation) -> Conversation:
    conversation.archived_at = timezone.now()
    conversation.save(update_fields=["archived_at"])
    return conversation


def unarchive(conversation: Conversation) -> Conversation:
    """Back into the list, at its old place."""
    conversation.archived_at = None
    conversation.save(update_fields=["archived_at"])
    return conversation


def delete(conversation: Conversation) -> None:
    """Delete it with its messages and versions; its sandbox stays. Refused while a turn runs."""
    if conversation.turns.filter(status__in=Turn.ACTIVE).exists():
        raise Refusal(
            "The model is still at work in this conversation.",
            "Stop it first, then delete.",
            code="conflict",
        )
    with transaction.atomic():
        versions.forget_all(conversation)
        attachments.remove_files_of(conversation)
        conversation.delete()


def use_sandbox(conversation_id: str, sandbox_id: str) -> None:
    """From now on the conversation is about this sandbox."""
    Conversation.objects.filter(pk=conversation_id).update(
        sandbox_id=sandbox_id, updated_at=timezone.now()
    )
    events.conversation_changed(conversation_id)
