"""A version of what operators tell every model: the system prompt, or instructions beside it."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import models
from django.utils import timezone

from vibe.ids import new_id


class PromptVersion(models.Model):
    class Kind(models.TextChoices):
        SYSTEM = "system", "system prompt"
        OPERATOR = "operator", "operator's instructions"

    id = models.CharField(
        primary_key=True, max_length=32, default=partial(new_id, "prompt_"), editable=False
    )
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.SYSTEM)
    text = models.TextField(max_length=100_000)
    note = models.CharField(max_length=200, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # At most one of a kind is told to models; without one, what the platform brings along.
    active = models.BooleanField(default=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = "prompt version"
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(active=True), name="one_active_prompt"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.created_at:%-d %b %Y, %H:%M}"
