"""The files of a sandbox as they were at one moment, kept apart from it."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import models
from django.utils import timezone

from sandboxes.models.checkpoint import Checkpoint
from sandboxes.models.sandbox import Sandbox, SandboxSession
from vibe.ids import new_id


class Snapshot(models.Model):
    """Outlives the sandbox that it was made of. A deleted one stays as a row, without files."""

    class Status(models.TextChoices):
        CREATING = "creating", "being made"
        CREATED = "created", "ready"
        FAILED = "failed", "failed"
        DELETED = "deleted", "deleted"

    class Method(models.TextChoices):
        MANUAL = "manual", "asked for"
        STOP = "stop", "made when the sandbox stopped"
        # Only a means to copy a sandbox: goes when the copy has its files.
        FORK = "fork", "made to copy the sandbox"

    KEPT = (Status.CREATING, Status.CREATED)

    id = models.CharField(
        primary_key=True, max_length=32, default=partial(new_id, "snap_"), editable=False
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="snapshots"
    )
    name = models.CharField(max_length=100, blank=True)
    sandbox = models.ForeignKey(
        Sandbox, null=True, on_delete=models.SET_NULL, related_name="snapshots"
    )
    session = models.ForeignKey(
        SandboxSession, null=True, on_delete=models.SET_NULL, related_name="snapshots"
    )
    # Made of this version of the sandbox's files, not of those it has now.
    checkpoint = models.ForeignKey(
        Checkpoint, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Paths of that version that it does not hold.
    without: models.JSONField[list[str], list[str]] = models.JSONField(
        default=list, blank=True, editable=False
    )
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="children"
    )
    node = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=Status, default=Status.CREATING)
    method = models.CharField(max_length=10, choices=Method, default=Method.MANUAL)
    # The sandbox's session ends for it; else its processes stand still while it is made.
    ends_session = models.BooleanField(default=False)
    # First of the host ids that own the stored files; null: the platform's own.
    id_base = models.PositiveBigIntegerField(null=True, editable=False)
    size_bytes = models.BigIntegerField(default=0, help_text="On the disk; grows while it is made.")
    file_count = models.PositiveBigIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="snapshot_by_owner_and_time"),
            models.Index(fields=["status", "expires_at"], name="snapshot_by_expiry"),
        ]

    def __str__(self) -> str:
        return self.name or self.id
