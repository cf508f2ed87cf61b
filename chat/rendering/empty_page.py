"""What stands on the page of a conversation in which nothing was said yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chat.models import Conversation
from chat.services import conversations
from vibe.accounts.models import User

RECENT = 6


@dataclass(frozen=True)
class Starter:
    """A request that works at once: what is sent, and its drawing in templates/chat/drawings."""

    text: str
    drawing: str

    @property
    def label(self) -> str:
        """What it says, without the marks of code."""
        return self.text.replace("`", "")

    @property
    def template(self) -> str:
        return f"chat/drawings/{self.drawing}.html"


STARTERS = (
    Starter("Build a to-do app in Python", "list"),
    Starter("Create a simple Node.js hello world app", "server"),
    Starter("Make a landing page for a coffee shop", "page"),
    Starter("Run `python3 --version`", "terminal"),
)


def empty_view(user: User, conversation: Conversation | None) -> dict[str, Any]:
    """Starters, and what the person has worked on lately."""
    others = conversations.list_for(user).select_related("sandbox")
    if conversation is not None:
        others = others.exclude(pk=conversation.pk)
    return {"starters": STARTERS, "recent": list(others[:RECENT])}
