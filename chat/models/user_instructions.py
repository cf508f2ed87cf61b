"""What a user tells every model in all conversations."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class UserInstructions(models.Model):
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="instructions"
    )
    text = models.TextField(blank=True)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "user instructions"

    def __str__(self) -> str:
        return f"Instructions of {self.user}"
