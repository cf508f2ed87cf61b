"""Messages that wait, as chips above the composer."""

from __future__ import annotations

import time
from collections.abc import Iterable
from hashlib import blake2s
from typing import Any

from django.template.loader import render_to_string

from chat.models import Conversation, QueuedMessage
from chat.services import queue
from vibe.web.partials import partial

# Characters; a longer message is read when somebody edits it, so that the queue stays light.
WHOLE_UP_TO = 2000


def queue_view(conversation: Conversation | None) -> dict[str, Any]:
    """What the template of the queue reads. `queue_order` grows: the page keeps what is newer."""
    order = time.time_ns() // 1_000_000  # before the rows are read
    waiting = list(queue.waiting(conversation)) if conversation else []
    return {
        "conversation": conversation,
        "queue_order": order,
        "queued": waiting,
        "whole_up_to": WHOLE_UP_TO,
        "queue_state": _digest(waiting),
        "is_busy": bool(waiting) and queue.is_busy(waiting[0].conversation_id),
        "held": any(row.held for row in waiting),
    }


def queue_state(conversation: Conversation) -> str:
    """Is another when the queue is; "" while nothing waits. Pages say with it what they show."""
    return _digest(queue.waiting(conversation))


def _digest(waiting: Iterable[QueuedMessage]) -> str:
    rows = "".join(f"{row.pk}{row.revision}{row.held}" for row in waiting)
    return blake2s(rows.encode(), digest_size=8).hexdigest() if rows else ""


def queue_partial(conversation: Conversation) -> str:
    return partial(render_to_string("chat/_queue.html", queue_view(conversation)), "#queue")
