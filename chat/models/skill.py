"""A skill that a user has for all conversations."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import models
from django.utils import timezone

from vibe.ids import new_id


class Skill(models.Model):
    id = models.CharField(
        primary_key=True, max_length=32, default=partial(new_id, "skill_"), editable=False
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="skills"
    )
    name = models.CharField(max_length=64)
    description = models.CharField(max_length=1024)
    text = models.TextField()
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="skill_name")]

    def __str__(self) -> str:
        return self.name
