"""Errors that wait for a person by what was chosen, looked at once more when that changes."""

from __future__ import annotations

from django.db import transaction

from chat.models import Conversation, Problem
from chat.services import events


def decide_anew(conversation: Conversation) -> None:
    """Let the error monitor decide on them as things are now."""
    waiting = Problem.objects.filter(
        conversation=conversation, status=Problem.Status.OPEN, needs_person=True, attempts=0
    )
    if waiting.update(decided_at=None, needs_person=False):
        transaction.on_commit(lambda: events.problems_changed(conversation.pk))
