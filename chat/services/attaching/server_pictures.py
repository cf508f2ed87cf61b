"""Pictures that tools of servers have answered: kept like attachments of the turn's answer."""

from __future__ import annotations

from collections.abc import Sequence

from chat.models import Attachment, Message
from chat.services.attaching import attachments, intake
from vibe.accounts.models import User
from vibe.refusal import Refusal


def keep(
    owner: User, turn_id: str, server: str, pictures: Sequence[tuple[str, bytes]]
) -> tuple[list[Attachment], str]:
    """(the pictures, why the others are not kept: the owner's limits)."""
    found: list[Attachment] = []
    answer = Message.objects.filter(turn=turn_id, role=Message.Role.ASSISTANT).last()
    if answer is None:
        return [], ""
    for number, (media_type, data) in enumerate(pictures, 1):
        try:
            made = intake.create(owner, f"{server} {number}.{media_type[6:]}", [data])
        except Refusal as refusal:
            return found, refusal.message
        if not made.is_picture:
            attachments.remove(made)
            continue
        made.conversation_id, made.message = answer.turn.conversation_id, answer
        made.save(update_fields=["conversation", "message"])
        found.append(made)
    return found, ""
