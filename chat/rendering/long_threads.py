"""Which turns of a long conversation a page shows: the latest, or some before a certain one."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from chat.models import Conversation, Turn

# A page holds so many turns at most, and fewer when they have many parts.
TURNS_SHOWN = 15
PARTS_SHOWN = 150


@dataclass(frozen=True)
class Window:
    """Turns that follow on each other, oldest first; `earlier` came before them."""

    turns: list[Turn]
    earlier: int

    @property
    def first(self) -> str:
        return self.turns[0].pk if self.turns else ""


def window(conversation: Conversation, before: str = "") -> Window:
    """The latest turns, or those before the turn with this id (all, if there is none)."""
    # What the model was told is the bulk of a turn, and no page shows it.
    turns = conversation.turns.defer("history").order_by("-created_at", "-id")
    limit = turns.filter(pk=before).first() if before else None
    if limit is not None:
        same = Q(created_at=limit.created_at, pk__lt=limit.pk)
        turns = turns.filter(Q(created_at__lt=limit.created_at) | same)
    found = list(turns.annotate(size=Count("messages__parts"))[:TURNS_SHOWN])
    shown: list[Turn] = []
    parts = 0
    for turn in found:
        parts += turn.size
        if shown and parts > PARTS_SHOWN:
            break
        shown.append(turn)
    earlier = turns.count() - len(shown)
    return Window(shown[::-1], earlier)
