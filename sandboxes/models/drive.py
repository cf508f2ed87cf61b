"""Directories of a user that sandboxes mount: they outlive every sandbox."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from sandboxes.models.sandbox import SandboxSession
from vibe.ids import new_id


class Drive(models.Model):
    class Status(models.TextChoices):
        COPYING = "copying", "being copied"
        READY = "ready", "ready"
        FAILED = "failed", "failed"

    id = models.CharField(
        primary_key=True, max_length=32, default=partial(new_id, "drv_"), editable=False
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drives"
    )
    name = models.CharField(max_length=128)
    status = models.CharField(max_length=10, choices=Status, default=Status.READY)
    error = models.TextField(blank=True)
    max_size_bytes = models.BigIntegerField()
    size_bytes = models.BigIntegerField(default=0, editable=False, help_text="As last counted.")
    # Empty: to be counted when no sandbox writes to it.
    counted_at = models.DateTimeField(null=True, blank=True, editable=False)
    # What a program asked for and is told back: region, project.
    placement: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, blank=True, editable=False
    )
    # The last one that mounted it to write; it is attached while that one lives.
    session = models.ForeignKey(
        SandboxSession, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="children"
    )
    root = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # First of the host ids that own its files; null: the platform's own.
    id_base = models.PositiveBigIntegerField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                condition=models.Q(deleted_at=None),
                name="drive_name_unique_per_owner",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def attached_to(self) -> SandboxSession | None:
        """The session that may write to it now."""
        session = self.session
        return session if session and session.status in SandboxSession.LIVE else None
