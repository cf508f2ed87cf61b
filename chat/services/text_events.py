"""Events of a turn that only add to a text."""

from __future__ import annotations

from vibe.streams.stream import Event

# To a part, or to a file in the arguments of a call.
TEXTS = ("text", "file")


def joined(events: list[tuple[int, Event]]) -> list[tuple[int, Event]]:
    """Adjacent pieces of one text as one piece."""
    result: list[tuple[int, Event]] = []
    for number, event in events:
        before = result[-1][1] if result else {}
        if (
            event["type"] in TEXTS
            and all(before.get(key) == event.get(key) for key in ("type", "part", "file"))
            and before["offset"] + len(before["delta"]) == event["offset"]
            and len(before["delta"]) < 32_768
        ):
            result[-1] = (number, {**before, "delta": before["delta"] + event["delta"]})
        else:
            result.append((number, event))
    return result
