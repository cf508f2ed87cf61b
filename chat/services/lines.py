"""Which turns led to one, where others were set aside: the line that a model would be told."""

from __future__ import annotations

from chat.models import Turn


def line_to(turn: Turn) -> list[Turn]:
    """The turns before this one and itself, oldest first, as the conversation was with it: of an
    attempt that was set aside, what it followed, and not what took its place."""
    conversation = turn.conversation
    turns = list(conversation.turns.order_by("created_at", "id").defer("history"))
    by_id = {one.pk: one for one in turns}
    return _line(turns, by_id, turn.pk)


def _line(turns: list[Turn], by_id: dict[str, Turn], wanted: str) -> list[Turn]:
    end = by_id[wanted]
    places = {one.pk: place for place, one in enumerate(turns)}
    attempt = [one for one in turns if one.superseded_by_id == end.superseded_by_id]
    up_to = [one for one in attempt if places[one.pk] <= places[wanted]]
    if end.superseded_by_id is None:
        return up_to
    # What took its place stands where the attempt began; brought back, it may be older than that.
    begun = min(places[attempt[0].pk], places[end.superseded_by_id])
    before = _line(turns, by_id, end.superseded_by_id)
    return [one for one in before if places[one.pk] < begun] + up_to
