"""The workbench page: everything its template reads, in a handful of queries."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from chat import providers
from chat.models import Conversation
from chat.providers.recordings import is_recorded
from chat.rendering.attempts import stretches
from chat.rendering.queue import queue_view
from chat.rendering.thread import TURNS_SHOWN, state_view
from chat.services import conversations
from chat.services.turns import MESSAGE_LIMIT
from sandboxes.rendering.panels import arrangement, panels_view
from vibe.accounts.models import User

LISTED = 200
STARTERS = (
    ("list", "Build a to-do app in Python"),
    ("box", "Create a simple Node.js hello world app"),
    ("app-window", "Make a landing page for a coffee shop"),
    ("terminal", "Run `python3 --version`"),
)


def workbench_view(
    user: User, conversation: Conversation | None, *, everything: bool = False
) -> dict[str, Any]:
    """Context of `chat/workbench.html`; `conversation` None is the page of a new one."""
    turns = list(conversation.turns.order_by("-created_at", "-id")) if conversation else []
    shown = turns if everything else turns[:TURNS_SHOWN]
    latest = turns[0] if turns else None
    view = state_view(conversation, latest)
    choices = providers.models()
    model = (conversation.model if conversation else "") or providers.default_model_id()
    return {
        **view,
        **queue_view(conversation),
        **panels_view(conversation.sandbox if conversation else None),
        "is_demo": model == providers.DEMO,
        "is_recorded": is_recorded(model),
        "stretches": stretches(shown),
        "hidden_turns": len(turns) - len(shown),
        "cursor": f"{latest.pk}:{latest.cursor}:{latest.status}" if latest else "",
        "days": grouped(conversations.list_for(user)[:LISTED]),
        "current": conversation,
        "models": choices,
        "message_limit": MESSAGE_LIMIT,
        "model_id": model,
        "starters": STARTERS,
        **arrangement(user),
        "list_collapsed": bool(user.preferences.get("list_collapsed")),
    }


def grouped(
    found: QuerySet[Conversation] | list[Conversation],
) -> list[tuple[str, list[Conversation]]]:
    """Conversations under Today, Yesterday, Previous 7 days, or their month."""
    today = timezone.localdate()
    days: dict[str, list[Conversation]] = {}
    for conversation in found:
        day = timezone.localtime(conversation.updated_at).date()
        days.setdefault(_label(day, today), []).append(conversation)
    return list(days.items())


def _label(day: date, today: date) -> str:
    if day >= today:
        return "Today"
    if day == today - timedelta(days=1):
        return "Yesterday"
    if day > today - timedelta(days=8):
        return "Previous 7 days"
    return f"{day:%B %Y}"
