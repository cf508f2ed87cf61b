"""The workbench page: everything its template reads, in a handful of queries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from chat import providers
from chat.models import Conversation
from chat.providers.recordings import is_recorded
from chat.rendering.attempts import window_view
from chat.rendering.empty_page import empty_view
from chat.rendering.long_threads import Window, window
from chat.rendering.model_choice import model_choice, shown_panel
from chat.rendering.problems import problems_view
from chat.rendering.queue import queue_view
from chat.rendering.thread import state_view
from chat.services import conversations, shown_preview
from chat.services.branching import forks
from chat.services.messages import MESSAGE_LIMIT
from sandboxes.rendering.panels import arrangement, panels_view
from vibe.accounts.models import User

LISTED = 100


def workbench_view(
    user: User,
    conversation: Conversation | None,
    *,
    before: str = "",
    asked: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Context of `chat/workbench.html`; `conversation` None is the page of a new one. `before`:
    show the turns before this one, without scripts. `asked` is the address's query, whose choices
    go before those that are kept."""
    shown = window(conversation, before) if conversation else Window([], 0)
    latest = None
    if conversation:
        newest = conversation.turns.defer("history").order_by("-created_at", "-id")
        latest = newest.first() if before else shown.turns[-1] if shown.turns else None
    view = state_view(conversation, latest)
    chosen = model_choice(user, conversation, asked or {})
    return {
        **view,
        **chosen,
        **queue_view(conversation),
        **problems_view(conversation),
        **panels_view(conversation.sandbox if conversation else None, with_ports=True),
        "preview_shown": shown_preview.shown(conversation),
        "is_demo": chosen["model_id"] == providers.DEMO,
        "is_recorded": is_recorded(chosen["model_id"]),
        **window_view(shown),
        "is_earlier": bool(before),
        "cursor": f"{latest.pk}:{latest.cursor}:{latest.status}" if latest else "",
        **list_view(user),
        "current": conversation,
        "sandbox_is_gone": conversation is not None and forks.sandbox_is_gone(conversation),
        "message_limit": MESSAGE_LIMIT,
        **({} if shown.turns else empty_view(user, conversation)),
        "attachment_mb": settings.ATTACHMENT_MB,
        "attachments_most": settings.ATTACHMENTS_PER_MESSAGE,
        **arrangement(user),
        **shown_panel(asked or {}),
        "list_collapsed": bool(user.preferences.get("list_collapsed")),
    }


def list_view(user: User, *, archived: bool = False, start: int = 0) -> dict[str, Any]:
    """Conversations from the `start`th on, grouped, and whether there are more."""
    rows = conversations.with_status(conversations.list_for(user, archived=archived))
    found = list(rows[start : start + LISTED + 1])
    following = start + LISTED if len(found) > LISTED else None
    return {"days": grouped(found[:LISTED]), "following": following}


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
