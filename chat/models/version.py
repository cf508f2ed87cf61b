"""A version: the workspace as a turn, a person or a restore has left it, in a conversation."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.utils import timezone

from chat.models.conversation import Conversation
from chat.models.turn import Turn
from sandboxes.models import Checkpoint
from vibe.ids import new_id


class Version(models.Model):
    class Reason(models.TextChoices):
        TURN = "turn", "after a turn"
        CHANGED = "changed", "changed outside of a turn"
        RESTORE = "restore", "restored"
        UNDO = "undo", "undone"

    id = models.CharField(
        primary_key=True, max_length=32, default=partial(new_id, "ver_"), editable=False
    )
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="versions"
    )
    # From 1 on; empty until its files are saved, since nothing may have changed.
    number = models.PositiveIntegerField(null=True, blank=True)
    # After which it was made, or which undid.
    turn = models.ForeignKey(
        Turn, null=True, blank=True, on_delete=models.SET_NULL, related_name="versions"
    )
    checkpoint = models.OneToOneField(Checkpoint, on_delete=models.CASCADE, related_name="version")
    reason = models.CharField(max_length=10, choices=Reason, default=Reason.TURN)
    restores = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    title = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=100, blank=True)
    favourite = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "number"], name="version_number")
        ]

    def __str__(self) -> str:
        return f"Version {self.number}" if self.number else "A version that is being saved"
