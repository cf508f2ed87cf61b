"""What a conversation's turns to come are asked with: model, effort, whether errors are fixed."""

from __future__ import annotations

from typing import Any

from chat.models import Conversation
from chat.providers import EFFORTS
from chat.services.reconsidering import decide_anew
from chat.services.storable import storable
from vibe.refusal import Refusal

MODEL_LENGTH = 200


def choose(
    conversation: Conversation,
    *,
    model: str | None = None,
    effort: str | None = None,
    fix_errors: bool | None = None,
) -> Conversation:
    """Set what is given. Raises Refusal(invalid) for an effort that there is not."""
    fields: dict[str, Any] = {}
    if model is not None:
        fields["model"] = storable(model)[:MODEL_LENGTH]
    if effort is not None:
        fields["effort"] = checked_effort(effort)
    if fix_errors is not None:
        fields["fix_errors"] = fix_errors
    for field, value in fields.items():
        setattr(conversation, field, value)
    conversation.save(update_fields=list(fields))
    if fix_errors:
        decide_anew(conversation)
    return conversation


def checked_effort(effort: str) -> str:
    """The effort, "" for none wanted. Raises Refusal(invalid)."""
    if effort and effort not in EFFORTS:
        raise Refusal(
            f"There is no effort called {effort[:20]!r}.", f"Efforts are {', '.join(EFFORTS)}."
        )
    return effort
