"""A conversation: messages of a person and a model, about one sandbox."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import models
from django.utils import timezone

from sandboxes.models import Sandbox
from vibe.ids import new_id


class Conversation(models.Model):
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
    sandbox = models.ForeignKey(
        Sandbox, null=True, blank=True, on_delete=models.SET_NULL, related_name="conversations"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-updated_at"]
        indexes = [models.Index(fields=["owner", "-updated_at"], name="conversation_by_owner")]

    def __str__(self) -> str:
        return self.title or "New conversation"
