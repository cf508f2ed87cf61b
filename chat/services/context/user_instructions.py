"""What a user tells the model in all conversations."""

from __future__ import annotations

from django.utils import timezone

from chat.models import UserInstructions
from chat.services.storable import storable
from vibe.accounts.models import User
from vibe.refusal import Refusal

LIMIT = 8_000


def of(user: User) -> str:
    found = UserInstructions.objects.filter(user=user).first()
    return found.text if found else ""


def change(user: User, text: str) -> str:
    """Tell the model this from the next turn on; an empty text nothing. Raises Refusal(limit)."""
    text = storable(text).replace("\r\n", "\n").strip()
    if len(text) > LIMIT:
        raise Refusal(
            f"Your instructions have {len(text):,} characters; {LIMIT:,} is the limit.",
            "Put what concerns one project into its AGENTS.md.",
            code="limit",
        )
    UserInstructions.objects.update_or_create(
        user=user, defaults={"text": text, "updated_at": timezone.now()}
    )
    return text
