"""Whether a model is at work on the files of a conversation."""

from __future__ import annotations

from django.db.models import Q

from chat.models import Turn
from vibe.refusal import Refusal


def refuse(conversation_id: str, sandbox_id: str, *, within: Turn | None = None) -> None:
    """Raise Refusal(conflict) while a turn is under way, other than `within`, which asks itself."""
    at_work = Turn.objects.filter(status__in=Turn.ACTIVE).filter(
        Q(conversation=conversation_id) | Q(conversation__sandbox=sandbox_id)
    )
    if at_work.exclude(pk=within.pk if within else "").exists():
        raise Refusal(
            "The model is at work on these files, and would go on with others.",
            "Wait until it is done, or stop it; then try again.",
            code="conflict",
        )
