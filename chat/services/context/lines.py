"""Which turns led to one, where others were set aside: the line that a model would be told."""

from __future__ import annotations

from chat.models import Turn


def line_to(turn: Turn) -> list[Turn]:
    """The turns before this one and itself, oldest first, as the conversation was with it: of an
    attempt that was set aside, what it followed, and not what took its place."""
    turns = list(turn.conversation.turns.order_by("created_at", "id").defer("history"))
    places = {one.pk: place for place, one in enumerate(turns)}
    # The turn, what took its place, and so on, up to one that stands.
    chain = [turns[places[turn.pk]]]
    while (successor := chain[-1].superseded_by_id) is not None:
        chain.append(turns[places[successor]])
    line: list[Turn] = []
    for one in reversed(chain):
        attempt = [each for each in turns if each.superseded_by_id == one.superseded_by_id]
        if one.superseded_by_id is not None:
            # What took its place stands where it began; brought back, it may be older than that.
            begun = min(places[attempt[0].pk], places[one.superseded_by_id])
            line = [each for each in line if places[each.pk] < begun]
        line += [each for each in attempt if places[each.pk] <= places[one.pk]]
    return line
