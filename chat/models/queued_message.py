"""A message that waits: written while a turn was under way, to go into it or to follow it."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.utils import timezone

from chat.models.conversation import Conversation
from chat.models.message import Message
from vibe.ids import new_id


class QueuedMessage(models.Model):
    class When(models.TextChoices):
        STEP = "step", "at the next step"
        TURN = "turn", "after this turn"

    id = models.CharField(
        primary_key=True, max_length=32, default=partial(new_id, "queued_"), editable=False
    )
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="queued_messages"
    )
    # Empty once it has been sent: the message holds it then.
    text = models.TextField(blank=True)
    when = models.CharField(max_length=10, choices=When, default=When.STEP)
    # That answers, when it begins a turn; "" for the conversation's.
    model = models.CharField(max_length=200, blank=True)
    position = models.PositiveIntegerField()
    # Grows with each change: who changes it says which state was seen.
    revision = models.PositiveIntegerField(default=1)
    # Waits until the person sends it: the turn before it was stopped or failed.
    held = models.BooleanField(default=False)
    # What it has become. Set once, in the transaction that writes the message.
    message = models.OneToOneField(
        Message, null=True, blank=True, on_delete=models.CASCADE, related_name="queued"
    )
    sent_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["position", "created_at", "id"]
        indexes = [
            models.Index(
                fields=["conversation", "position"],
                condition=models.Q(sent_at=None),
                name="queued_messages_waiting",
            )
        ]

    def __str__(self) -> str:
        return self.id
