"""Servers that offer models further tools, by the Model Context Protocol."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from vibe.ids import new_id


class ToolServer(models.Model):
    """A server of tools: of one user, or of everybody where it has no owner."""

    id = models.CharField(
        primary_key=True, max_length=32, default=partial(new_id, "tools_"), editable=False
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="tool_servers",
    )
    name = models.CharField(max_length=60)
    # First half of the names of its tools; never changes, since conversations keep those.
    slug = models.CharField(max_length=24, editable=False)
    url = models.CharField("address", max_length=500)
    # A JSON object, sealed by chat.providers.sealing; only the names are ever shown.
    sealed_headers = models.TextField(blank=True, editable=False)
    header_names: models.JSONField[list[str], list[str]] = models.JSONField(
        default=list, blank=True, editable=False
    )
    enabled = models.BooleanField(default=True)
    # As it has told them, made sound: {"name", "shown", "description", "schema"}.
    tools: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(
        default=list, blank=True, editable=False
    )
    # Names of tools that the operator says change nothing: plan mode offers those.
    read_only: models.JSONField[list[str], list[str]] = models.JSONField(default=list, blank=True)
    # Null until it was asked.
    is_healthy = models.BooleanField(null=True, editable=False)
    last_error = models.CharField(max_length=500, blank=True, editable=False)
    checked_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.name
