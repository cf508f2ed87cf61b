"""A conversation: messages of a person and a model, about one sandbox."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from sandboxes.models import Sandbox
from vibe.ids import new_id


class Conversation(models.Model):
    class Mode(models.TextChoices):
        PLAN = "plan", "Plan"
        BUILD = "build", "Build"

    class Approval(models.TextChoices):
        NEVER = "never", "Never ask"
        RISKY = "risky", "Ask before risky steps"
        ALWAYS = "always", "Ask before every change"

    id = models.CharField(
        primary_key=True, max_length=32, default=partial(new_id, "conv_"), editable=False
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="conversations"
    )
    title = models.CharField(max_length=200, blank=True)
    model = models.CharField(max_length=200, blank=True)
    # How hard the model thinks; empty means as little as it can be told to.
    effort = models.CharField(max_length=10, blank=True)
    fix_errors = models.BooleanField(default=True)
    # {kind of error: "fix", "ask" or "ignore"}, where it is not the operator's.
    error_policy: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(
        default=dict, blank=True
    )
    sandbox = models.ForeignKey(
        Sandbox, null=True, blank=True, on_delete=models.SET_NULL, related_name="conversations"
    )
    # What its preview shows: {"port", "path"}; empty until it has shown something.
    preview: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, blank=True, editable=False
    )
    # All that it was given, the one above too once there are several.
    sandboxes = models.ManyToManyField(Sandbox, blank=True, related_name="+")
    # Of the turns to come.
    mode = models.CharField(max_length=5, choices=Mode, default=Mode.BUILD)
    # Before which steps of the model the person is asked.
    approval = models.CharField(max_length=6, choices=Approval, default=Approval.RISKY)
    # Names of what was allowed once for the whole conversation.
    allowed: models.JSONField[list[str], list[str]] = models.JSONField(default=list, blank=True)
    # Of a fork: where its messages come from, and the last one of them there.
    forked_from = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="forks"
    )
    forked_at = models.ForeignKey(
        "chat.Message", null=True, blank=True, on_delete=models.SET_NULL, related_name="forks"
    )
    # Of one that began with files of a shared conversation: {"title", "version", "with_data",
    # "left_out": paths}.
    remixed: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, blank=True, editable=False
    )
    # Of one that came as a file, whose versions have no files here: what they were.
    imported_at = models.DateTimeField(null=True, blank=True)
    past_versions: models.JSONField[list[Any], list[Any]] = models.JSONField(
        default=list, blank=True, editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-updated_at"]
        indexes = [models.Index(fields=["owner", "-updated_at"], name="conversation_by_owner")]

    def __str__(self) -> str:
        return self.title or "New conversation"
