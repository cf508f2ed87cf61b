"""A link by which others read a conversation as it was when the link was made."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import models
from django.utils import timezone

from chat.models.conversation import Conversation
from vibe.ids import new_id


class Share(models.Model):
    """One link. Its row stays when it has ended, and says who made and who ended it, and when."""

    id = models.CharField(
        primary_key=True, max_length=32, default=partial(new_id, "shr_"), editable=False
    )
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="shares")
    # The word of the link is shown once and not kept.
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    may_remix = models.BooleanField(default=False)
    with_data = models.BooleanField(
        default=False, help_text="Whoever remixes may take the app's data along."
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # What came later is not shown.
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.id

    @property
    def status(self) -> str:
        """ "open", "revoked" or "expired"."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at <= timezone.now() else "open"
