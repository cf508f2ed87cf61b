"""What happened to a sandbox, for whoever wants to know why it is as it is."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone

from sandboxes.models.sandbox import Sandbox, SandboxSession


class SandboxEvent(models.Model):
    """One line of a sandbox's event log. `text` is for people, `data` for programs."""

    class Kind(models.TextChoices):
        LIFECYCLE = "lifecycle", "lifecycle"
        NETWORK = "network", "network"
        LIMIT = "limit", "limit"
        FILES = "files", "files"
        SNAPSHOT = "snapshot", "snapshot"
        ACCESS = "access", "access"

    sandbox = models.ForeignKey(Sandbox, on_delete=models.CASCADE, related_name="events")
    session = models.ForeignKey(
        SandboxSession, null=True, blank=True, on_delete=models.SET_NULL, related_name="events"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    text = models.CharField(max_length=500)
    data: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, blank=True
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["sandbox", "-id"], name="event_by_sandbox")]

    def __str__(self) -> str:
        return self.text
