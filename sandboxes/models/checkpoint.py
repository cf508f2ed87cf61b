"""The workspace of a sandbox as git keeps it of one moment, and what ran then."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import models
from django.utils import timezone

from sandboxes.models.sandbox import Sandbox
from vibe.ids import new_id


class Checkpoint(models.Model):
    """Its files lie in the repository of its sandbox, at a ref of its id."""

    class Status(models.TextChoices):
        REQUESTED = "requested", "being saved"
        MADE = "made", "saved"
        UNCHANGED = "unchanged", "nothing had changed"
        FAILED = "failed", "failed"

    id = models.CharField(
        primary_key=True, max_length=32, default=partial(new_id, "chk_"), editable=False
    )
    sandbox = models.ForeignKey(Sandbox, on_delete=models.CASCADE, related_name="checkpoints")
    node = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=Status, default=Status.REQUESTED)
    only_if_changed = models.BooleanField(default=False)
    commit = models.CharField(max_length=64, blank=True, editable=False)
    # What its changes are told against.
    base = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # The workspace got the files of this one, and so became what this row is of.
    restores = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # The workspace as it was before that.
    before = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="restored_by"
    )
    keeps_data = models.BooleanField(default=False, help_text="The app's data stayed as it was.")
    file_count = models.PositiveIntegerField(default=0)
    files_changed = models.PositiveIntegerField(default=0)
    lines_added = models.PositiveIntegerField(default=0)
    lines_removed = models.PositiveIntegerField(default=0)
    # By reason: {"count", "paths": the first of them}.
    left_out: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, blank=True
    )
    data_files: models.JSONField[list[str], list[str]] = models.JSONField(default=list, blank=True)
    # Lock files of package managers: the id of the content, by path.
    locks: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(
        default=dict, blank=True
    )
    # Commands that ran on in the background: as services.servers describes them.
    servers: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(
        default=list, blank=True
    )
    # Of the sandbox: {"runtime", "image", "ports"}.
    facts: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, blank=True
    )
    # What a person would run after a restore that has put other lock files in place.
    next_steps: models.JSONField[list[str], list[str]] = models.JSONField(default=list, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(fields=["sandbox", "created_at"], name="checkpoint_by_sandbox"),
            models.Index(fields=["node", "status"], name="checkpoint_by_node"),
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def is_pending(self) -> bool:
        return self.status == self.Status.REQUESTED
