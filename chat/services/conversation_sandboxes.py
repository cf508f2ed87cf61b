"""The sandboxes of a conversation: the one that it is about, and others that it was given."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from chat.models import Conversation
from chat.services import conversations
from sandboxes.models import Sandbox
from vibe.refusal import Refusal

# Of one conversation, at a time.
MOST = 8


def list_for(conversation: Conversation) -> QuerySet[Sandbox]:
    """Those that there still are, oldest first; all of them the owner's."""
    own = Q(pk=conversation.sandbox_id) | Q(pk__in=conversation.sandboxes.values("pk"))
    found = Sandbox.objects.filter(own, owner=conversation.owner_id, deleted_at=None)
    return found.select_related("session").order_by("created_at", "pk")


def find(conversation_id: str, name: str = "") -> Sandbox:
    """The conversation's sandbox of that name or id; without a name the one that it is about.

    Raises Refusal(not_found), also for the owner's sandboxes that are not the conversation's.
    """
    conversation = Conversation.objects.select_related("sandbox__session").get(pk=conversation_id)
    if name:
        known = list_for(conversation)
        if found := known.filter(Q(pk=name) | Q(name=name)).first():
            return found
        names = ", ".join(one.name for one in known) or "none"
        raise Refusal(
            f"This conversation has no sandbox {name!r:.80}.",
            f"Its sandboxes: {names}. Leave `sandbox` out for the one that it is about.",
            code="not_found",
        )
    sandbox = conversation.sandbox
    if sandbox is None or sandbox.deleted_at is not None:
        raise Refusal(
            "This conversation has no sandbox yet.",
            "Call create_sandbox first, then repeat this call.",
            code="not_found",
        )
    return sandbox


def check_room(conversation: Conversation) -> None:
    """Raise Refusal(limit) when the conversation has as many as one may have."""
    if list_for(conversation).count() >= MOST:
        raise Refusal(
            f"A conversation has at most {MOST} sandboxes.",
            "Use one of those that there are; list_sandboxes names them.",
            code="limit",
        )


def add(conversation: Conversation, sandbox: Sandbox, *, about: bool) -> None:
    """Give the conversation a sandbox; with `about`, it is about this one from now on."""
    if conversation.sandbox is not None:
        conversation.sandboxes.add(conversation.sandbox)
    conversation.sandboxes.add(sandbox)
    if about:
        conversations.use_sandbox(conversation.pk, sandbox.pk)
