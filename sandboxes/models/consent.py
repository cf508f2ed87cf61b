"""An administrator's agreement that commands may run without isolation on this machine."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class IsolationConsent(models.Model):
    node = models.CharField(max_length=64, unique=True)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    given_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.given_by} agreed for {self.node}"
