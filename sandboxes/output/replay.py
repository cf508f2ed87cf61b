"""Output for readers: what is kept from the rows, what is new from the stream, each byte once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, suppress
from dataclasses import dataclass

from channels.db import database_sync_to_async
from django.db.models import F, IntegerField
from django.db.models.functions import Cast, Length

from sandboxes.models import Command, LogChunk
from sandboxes.services.events import log_key
from vibe.streams.entries import Entry
from vibe.streams.hub import SlowWatcher, hub

PAGE_BYTES = 1024 * 1024
# A reader that finds a gap waits this long for the writer to store what lies in it.
GAP_SECONDS = 10.0
GAP_POLL_SECONDS = 0.05
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")


@dataclass(frozen=True)
class Piece:
    """Bytes of one stream; `offset` is where they begin, the next cursor is `end`."""

    offset: int
    stream: int
    data: bytes

    @property
    def end(self) -> int:
        return self.offset + len(self.data)


@dataclass(frozen=True)
class Dropped:
    """Output that was not kept, because the command wrote more than its log may hold."""

    offset: int
    size: int

    @property
    def end(self) -> int:
        return self.offset + self.size


@dataclass(frozen=True)
class End:
    """The command has finished and everything kept of its output has been delivered."""

    command: Command


Item = Piece | Dropped | End


def read(command: Command, after: int = 0, limit_bytes: int = PAGE_BYTES) -> list[Piece]:
    """Stored pieces from `after` on, at most about `limit_bytes`; a gap is a jump in `offset`."""
    pieces: list[Piece] = []
    size = 0
    chunks = LogChunk.objects.filter(command_id=command.pk).annotate(
        end=F("offset") + Cast(Length("data"), IntegerField())
    )
    for chunk in chunks.filter(end__gt=after).order_by("offset").iterator(chunk_size=16):
        data = bytes(chunk.data)
        skip = max(0, after - chunk.offset)
        pieces.append(Piece(chunk.offset + skip, chunk.stream, data[skip:]))
        size += len(data) - skip
        if size >= limit_bytes:
            break
    return pieces


def text(command: Command, max_bytes: int = 64 * 1024, *, tail: bool = True) -> str:
    """Stored output as text without terminal codes: all of it, or its start and end.

    `tail=False` keeps only the start. What is left out is said in the middle.
    """
    chunks = LogChunk.objects.filter(command_id=command.pk)
    whole = _collect(chunks.order_by("offset").iterator(), max_bytes)
    newest = chunks.order_by("-offset").values_list("offset", Length("data")).first()
    size = newest[0] + newest[1] if newest else 0
    if size <= len(whole):
        return plain(whole)
    if not tail:
        return f"{plain(whole)}\n[… {size - len(whole)} bytes more]"
    head = whole[: max_bytes // 4]
    end = b""
    for chunk in chunks.order_by("-offset").iterator(chunk_size=4):
        end = bytes(chunk.data) + end
        if len(end) >= max_bytes - len(head):
            break
    end = end[-(max_bytes - len(head)) :]
    left_out = size - len(head) - len(end)
    return f"{plain(head)}\n[… {left_out} bytes left out …]\n{plain(end)}"


def plain(data: bytes) -> str:
    """Text of output: no terminal codes, what is not UTF-8 as replacement characters."""
    return _ANSI.sub("", data.decode("utf-8", "replace")).replace("\r\n", "\n")


async def follow(command_id: str, after: int = 0) -> AsyncGenerator[Item, None]:
    """Everything from `after` on, as it is produced; ends with End.

    Rows first, then the live stream; whoever falls behind or meets a gap goes back to the rows.
    """
    position = after
    gap_since: float | None = None
    while True:
        command, pieces = await _stored(command_id, position)
        if pieces:
            gap_since = None
        for piece in pieces:
            if piece.offset > position:
                yield Dropped(position, piece.offset - position)
            yield piece
            position = piece.end
        if pieces:
            continue
        if command.is_finished:
            if command.log_size > position:
                yield Dropped(position, command.log_size - position)
            yield End(command)
            return
        gap = False
        with suppress(SlowWatcher):
            async with aclosing(hub().watch(log_key(command_id), position)) as watching:
                async for entries in watching:
                    for item in _live(entries, position):
                        if item is None:
                            gap = True
                            break
                        yield item
                        position = item.end
                        gap_since = None
                    # Silence may mean that the command has ended unseen: the row knows.
                    if gap or not entries or any(b"end" in fields for _, fields in entries):
                        break
        if gap:
            # The stream was trimmed or lost; the writer stores within a quarter of a second.
            now = asyncio.get_running_loop().time()
            gap_since = gap_since or now
            if now - gap_since > GAP_SECONDS:
                raise TimeoutError(f"The output of {command_id} at {position} is not stored.")
            await asyncio.sleep(GAP_POLL_SECONDS)


def _live(entries: list[Entry], position: int) -> Iterator[Piece | None]:
    """New pieces of live entries; None where bytes before an entry are missing."""
    for end, fields in entries:
        if b"d" not in fields or end <= position:
            continue
        offset = int(fields[b"o"])
        if offset > position:
            yield None
            return
        yield Piece(position, int(fields[b"s"]), fields[b"d"][position - offset :])
        position = end


def _collect(chunks: Iterator[LogChunk], max_bytes: int) -> bytes:
    data = b""
    for chunk in chunks:
        data += bytes(chunk.data)
        if len(data) >= max_bytes:
            return data[:max_bytes]
    return data


@database_sync_to_async
def _stored(command_id: str, after: int) -> tuple[Command, list[Piece]]:
    # The row first: when it says "finished", every byte has been stored before.
    command = Command.objects.get(pk=command_id)
    return command, read(command, after)
