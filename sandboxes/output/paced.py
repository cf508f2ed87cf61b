"""Output in frames for a socket: neither too large nor too many a second."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from sandboxes.output.replay import Item, Piece

# The first bytes after a pause go at once; what follows closely is sent together, so often. As
# long as the reader of the pipes collects: then a batch is sent when it comes, and waits no more.
FRAME_SECONDS = 0.025
# What all sockets of a process get together: where many watch, frames are fewer and larger.
FRAMES_A_SECOND = 8000
# A frame of this size says that a lot is coming: waiting would only slow it down.
HOT_BYTES = 32 * 1024
# A frame tells one time, so it holds only what was read within so long.
SAME_TIME_SECONDS = 2.0


@dataclass
class Frame:
    """Bytes of one stream; `offset` is where they begin, `at` when the first was read."""

    offset: int
    stream: int
    data: bytes
    at: float


_watching = 0


def pause() -> float:
    """Seconds between two frames of a socket."""
    return max(FRAME_SECONDS, _watching / FRAMES_A_SECOND)


async def frames(
    batches: AsyncGenerator[Sequence[Item], None], most: int
) -> AsyncGenerator[Frame | Item, None]:
    """The items with neighbouring pieces joined into frames of at most `most` bytes.

    What comes while it pauses waits in the source, so neither task nor queue stands in between:
    with hundreds that watch, a line costs each of them little more than the sending.
    """
    global _watching
    _watching += 1
    try:
        async for group in batches:
            for frame in joined(group, most):
                yield frame
            # Sending seldom waits; a flood lets others have their turn too.
            await asyncio.sleep(pause() if _size(group) < HOT_BYTES else 0)
    finally:
        _watching -= 1


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


def _size(group: Sequence[Item]) -> int:
    return sum(len(item.data) for item in group if isinstance(item, Piece))
