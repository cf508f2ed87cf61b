"""What a turn asks the person, and what was answered: the turn waits for it, no process does."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from chat.models.message import Part
from chat.models.turn import Turn
from vibe.ids import new_id


class Question(models.Model):
    class Status(models.TextChoices):
        OPEN = "open", "waits for an answer"
        ANSWERED = "answered", "answered"
        # The turn has gone on with the answer: what it allowed is done at most once.
        USED = "used", "taken up"
        WITHDRAWN = "withdrawn", "withdrawn"

    id = models.CharField(
        primary_key=True, max_length=32, default=partial(new_id, "ask_"), editable=False
    )
    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="questions")
    kind = models.CharField(max_length=10, choices=Turn.WaitingFor)
    # The card that shows it.
    part = models.ForeignKey(
        Part, null=True, blank=True, on_delete=models.CASCADE, related_name="questions"
    )
    # The tool call that waits; empty where the turn itself does.
    tool_call_id = models.CharField(max_length=200, blank=True)
    # Its form is the kind's: chat.services.asking.answers reads it, templates/chat/asked shows it.
    asked: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    answer: models.JSONField[dict[str, Any] | None, dict[str, Any] | None] = models.JSONField(
        null=True, blank=True
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["turn"],
                condition=models.Q(status="open"),
                name="one_open_question_per_turn",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.turn_id}"
