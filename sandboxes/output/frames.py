"""Output in frames for a socket: neither too large nor too many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sandboxes.output.replay import Item, Piece

# A frame tells one time, so it holds only what was read within so long.
SAME_TIME_SECONDS = 2.0


@dataclass
class Frame:
    """Bytes of one stream; `offset` is where they begin, `at` when the first was read."""

    offset: int
    stream: int
    data: bytes
    at: float


def joined(group: Sequence[Item], most: int) -> list[Frame | Item]:
    """Neighbours of one stream as one frame; what is too large for a frame in several."""
    found: list[Frame | Item] = []
    for item in group:
        if not isinstance(item, Piece):
            found.append(item)
            continue
        for start in range(0, len(item.data), most):
            data, offset = item.data[start : start + most], item.offset + start
            last = found[-1] if found else None
            if (
                isinstance(last, Frame)
                and last.stream == item.stream
                and last.offset + len(last.data) == offset
                and len(last.data) + len(data) <= most
                and item.at - last.at < SAME_TIME_SECONDS
            ):
                last.data += data
            else:
                found.append(Frame(offset, item.stream, data, item.at))
    return found
