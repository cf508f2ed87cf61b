"""What the last request of a conversation to its model was made of."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from chat.models.conversation import Conversation


class ContextUse(models.Model):
    conversation = models.OneToOneField(
        Conversation, on_delete=models.CASCADE, related_name="context_use"
    )
    model = models.CharField(max_length=200)
    # Tokens that the model takes; empty where there is no limit.
    size = models.PositiveIntegerField(null=True, blank=True)
    # Tokens of each kind of content, which add up to `tokens`.
    system = models.PositiveIntegerField(default=0)
    memory = models.PositiveIntegerField(default=0)
    tools = models.PositiveIntegerField(default=0)
    history = models.PositiveIntegerField(default=0)
    summary = models.PositiveIntegerField(default=0)
    tokens = models.PositiveIntegerField(default=0)
    # Read from the provider's cache, of `tokens`.
    cached = models.PositiveIntegerField(default=0)
    # Whether the provider has counted `tokens`; else they are estimated.
    counted = models.BooleanField(default=False)
    # Counted tokens per estimated one.
    scale = models.FloatField(default=1.0)
    # In words, what of the memory was left out or cut.
    left_out: models.JSONField[list[str], list[str]] = models.JSONField(default=list, blank=True)
    measured_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "context use"

    def __str__(self) -> str:
        return f"{self.tokens} tokens"
