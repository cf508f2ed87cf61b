"""What a message says."""

from __future__ import annotations

from chat.models import Conversation, Message, Part
from vibe.accounts.models import User
from vibe.refusal import Refusal


def by_person(user: User, message_id: str) -> tuple[Conversation, str]:
    """Conversation and text of a message that the user wrote; Refusal(not_found) for any other."""
    found = (
        Message.objects.filter(pk=message_id, conversation__owner=user, role=Message.Role.USER)
        .select_related("conversation__sandbox")
        .first()
    )
    if found is None:
        raise Refusal(
            "There is no such message of yours.", "It may have been deleted.", code="not_found"
        )
    texts = found.parts.filter(kind=Part.Kind.TEXT).order_by("position")
    return found.conversation, "\n".join(texts.values_list("text", flat=True))
