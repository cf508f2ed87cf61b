"""Sandboxes that a node has started ahead; nobody's yet, and nobody sees them."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import models
from django.utils import timezone

from vibe.ids import new_id


class WarmSandbox(models.Model):
    """A row lives from before its sandbox starts until a session has taken that over, so that a
    crash leaves nothing which could not be found."""

    class State(models.TextChoices):
        STARTING = "starting", "starting"
        READY = "ready", "ready"
        TAKEN = "taken", "being handed over"

    name = models.CharField(
        primary_key=True, max_length=32, default=partial(new_id, "warm"), editable=False
    )
    node = models.CharField(max_length=64)
    # Of the numbers of sandboxes, one of which it becomes.
    number = models.PositiveIntegerField(unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.STARTING)
    handle: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    session_id = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at"]

    def __str__(self) -> str:
        return self.name
