"""Earlier attempts in the thread: folded where they stood, with a way to bring each back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.template.loader import render_to_string

from chat.models import Conversation, Turn
from chat.rendering.long_threads import Window, window
from chat.rendering.thread import load_messages, message_view
from vibe.web.partials import partial


@dataclass
class Stretch:
    """Neighbours in the thread: of the conversation as it is, or (`attempt`) of one set aside."""

    attempt: Turn | None = None
    views: list[dict[str, Any]] = field(default_factory=list)

    @property
    def requests(self) -> int:
        return sum(view["message"].role == "user" for view in self.views)


def stretches(turns: Iterable[Turn]) -> list[Stretch]:
    """The messages of these turns. What was set aside within an attempt shows when that is back."""
    shown = list(turns)
    by_id = {turn.pk: turn for turn in shown}
    views = [message_view(message) for message in load_messages(shown)]
    found: list[Stretch] = []
    for instead, group in groupby(views, lambda view: _instead(view["turn"], by_id)):
        of = [view for view in group if view["turn"].superseded_by_id in (None, instead)]
        if of:
            attempt = of[0]["turn"] if instead else None
            found.append(Stretch(attempt, of))
    return found


def window_view(shown: Window) -> dict[str, Any]:
    """Context of `chat/_window.html`: the messages, and the way to earlier ones."""
    return {
        "stretches": stretches(shown.turns),
        "earlier": shown.earlier,
        "first_turn": shown.first,
    }


def thread_partial(conversation: Conversation) -> str:
    """The thread anew, for a page that is open while turns are set aside or brought back."""
    view = {"current": conversation, **window_view(window(conversation))}
    html = render_to_string("chat/_thread.html", view)
    return partial(html, "#thread", "innerMorph")


def _instead(turn: Turn, by_id: dict[str, Turn]) -> str | None:
    """The turn of the conversation as it is that stands in the place of this one, if any."""
    instead = None
    while turn.superseded_by_id is not None:
        instead = turn.superseded_by_id
        if instead not in by_id:
            break
        turn = by_id[instead]
    return instead
