"""What a message says, as a search looks for it."""

from __future__ import annotations

from django.db import models

from chat.models.conversation import Conversation
from chat.models.message import Message


class SearchText(models.Model):
    """Made by the first search after the message is complete; goes with it."""

    message = models.OneToOneField(
        Message, primary_key=True, on_delete=models.CASCADE, related_name="search_text"
    )
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    # Its words, names of tools and paths, folded by `chat.services.search.folded`.
    folded = models.TextField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.folded[:80]
