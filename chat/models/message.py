"""A message and its ordered parts: text, reasoning, tool calls, error reports."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import models
from django.utils import timezone

from chat.models.conversation import Conversation
from chat.models.turn import Turn
from sandboxes.models import Command
from vibe.ids import new_id


class Message(models.Model):
    class Role(models.TextChoices):
        USER = "user", "You"
        ASSISTANT = "assistant", "Assistant"

    id = models.CharField(
        primary_key=True, max_length=32, default=partial(new_id, "msg_"), editable=False
    )
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="messages"
    )
    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="messages")
    role = models.CharField(max_length=10, choices=Role)
    # Of a message in the person's place: the error monitor has written it.
    by_monitor = models.BooleanField(default=False)
    position = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "position"], name="message_position")
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.position}"


class Part(models.Model):
    class Kind(models.TextChoices):
        TEXT = "text", "text"
        REASONING = "reasoning", "reasoning"
        TOOL_CALL = "tool_call", "tool call"
        ERROR = "error", "error"
        SUMMARY = "summary", "summary"
        # What the platform has to say of the answer; no model reads it.
        NOTE = "note", "note"
        # A question of the platform itself, which no tool call asks.
        ASKED = "asked", "question"
        # Why repairs have stopped, and how to go on; no model reads it.
        REPAIRS = "repairs", "end of repairs"

    class State(models.TextChoices):
        NONE = "", "–"
        STREAMING = "streaming", "being written"
        RUNNING = "running", "running"
        WAITING = "waiting", "waiting for you"
        BACKGROUND = "background", "running in the background"
        DONE = "done", "done"
        FAILED = "failed", "failed"
        STOPPED = "stopped", "stopped"

    id = models.CharField(
        primary_key=True, max_length=32, default=partial(new_id, "part_"), editable=False
    )
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="parts")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.NONE, blank=True)
    text = models.TextField(blank=True)
    tool = models.CharField(max_length=100, blank=True)
    tool_call_id = models.CharField(max_length=200, blank=True)
    arguments: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, blank=True
    )
    result: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, blank=True
    )
    command = models.ForeignKey(
        Command, null=True, blank=True, on_delete=models.SET_NULL, related_name="parts"
    )
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["message", "position"], name="part_position")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.position}"

    @property
    def duration(self) -> float | None:
        """Seconds from start to end; None while either is unknown."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()
