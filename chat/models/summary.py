"""A summary: what a model is told in place of turns that no longer fit its context."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.utils import timezone

from chat.models.conversation import Conversation
from chat.models.turn import Turn
from vibe.ids import new_id


class Summary(models.Model):
    class Author(models.TextChoices):
        MODEL = "model", "the model"
        PLATFORM = "platform", "the platform"
        PERSON = "person", "you"

    id = models.CharField(
        primary_key=True, max_length=32, default=partial(new_id, "sum_"), editable=False
    )
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="summaries"
    )
    # It stands for everything up to here: the earlier turns, and of this one so many messages of
    # its history.
    through = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="+")
    steps = models.PositiveIntegerField()
    # How many requests of the person it stands for.
    turns = models.PositiveIntegerField()
    text = models.TextField()
    # Beside the text: sentences of the person that sound like rules, and the person's messages as
    # far as there was room.
    rules: models.JSONField[list[str], list[str]] = models.JSONField(default=list, blank=True)
    said: models.JSONField[list[str], list[str]] = models.JSONField(default=list, blank=True)
    author = models.CharField(max_length=10, choices=Author, default=Author.MODEL)
    # Estimated tokens of the request before and after.
    tokens_before = models.PositiveIntegerField(default=0)
    tokens_after = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "id"]
        verbose_name_plural = "summaries"

    def __str__(self) -> str:
        return f"Summary of {self.turns} turns"
