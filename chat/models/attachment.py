"""A file that a person has added to a message; its bytes lie in the data directory."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import models
from django.utils import timezone

from chat.models.conversation import Conversation
from chat.models.message import Message
from chat.models.queued_message import QueuedMessage
from sandboxes.models import Sandbox
from vibe.ids import new_id


class Attachment(models.Model):
    # What browsers and models show as a picture, and nothing in it can run.
    PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
    # What every provider takes of one picture: 5 MB as base64, which is a third longer.
    SEEN_BYTES = 3_900_000
    SEEN_SIDE = 8_000
    TEXT = "text/plain"
    PDF = "application/pdf"

    id = models.CharField(
        primary_key=True, max_length=32, default=partial(new_id, "att_"), editable=False
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="attachments"
    )
    # Both are set when its message is sent; until then it waits beside the text being written. One
    # that waits with a message has its conversation already.
    conversation = models.ForeignKey(
        Conversation, null=True, blank=True, on_delete=models.CASCADE, related_name="attachments"
    )
    message = models.ForeignKey(
        Message, null=True, blank=True, on_delete=models.CASCADE, related_name="attachments"
    )
    queued = models.ForeignKey(
        QueuedMessage, null=True, blank=True, on_delete=models.CASCADE, related_name="attachments"
    )
    # Whose bytes it shares: of a message that was said anew, or copied into another conversation.
    copy_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="copies"
    )
    position = models.PositiveIntegerField(default=0)
    name = models.CharField(max_length=200)
    # As its content says, whatever the sender has claimed.
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    # Of a picture, in pixels.
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64)
    # Where a copy of it lies for commands to use: in this sandbox, at this path of the workspace.
    sandbox = models.ForeignKey(
        Sandbox, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    path = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["position", "created_at", "id"]
        indexes = [models.Index(fields=["message", "created_at"], name="attachment_unsent")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_picture(self) -> bool:
        return self.media_type in self.PICTURES

    @property
    def is_too_large_to_see(self) -> bool:
        """Whether it is a picture that no model is shown, for its size."""
        return self.is_picture and (
            self.size > self.SEEN_BYTES or max(self.width, self.height) > self.SEEN_SIDE
        )
