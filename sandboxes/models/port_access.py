"""Who may enter the preview of a port, where its owner has said so."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from sandboxes.models.sandbox import Sandbox


class PortAccess(models.Model):
    """What holds for one port; without a row `Sandbox.preview_access` does. It stays over stops."""

    class Access(models.TextChoices):
        PRIVATE = "private", "private"
        LINK = "link", "by link"
        TEAM = "team", "team"
        PUBLIC = "public", "public"

    sandbox = models.ForeignKey(Sandbox, on_delete=models.CASCADE, related_name="port_access")
    port = models.PositiveIntegerField()
    access = models.CharField(max_length=8, choices=Access, default=Access.PRIVATE)
    # The link's secret is made of it and of the platform's key, so no row holds one.
    nonce = models.CharField(max_length=32, blank=True, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Private from then on.")
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "access to a preview"
        verbose_name_plural = "access to previews"
        ordering = ["port"]
        constraints = [
            models.UniqueConstraint(fields=["sandbox", "port"], name="one_access_per_port")
        ]

    def __str__(self) -> str:
        return f"{self.port}: {self.get_access_display()}"
