"""The live output of one command, as binary frames."""

from __future__ import annotations

import struct
from contextlib import aclosing
from urllib.parse import parse_qs

from sandboxes.models import Command
from sandboxes.output import places
from sandboxes.output.frames import Frame, joined
from sandboxes.output.replay import Dropped, End, Item, batches
from sandboxes.services import commands, finding
from vibe.data.database import in_thread
from vibe.refusal import Refusal
from vibe.streams.stream import cursor
from vibe.web.stream_consumer import MAX_FRAME, NotFound, StreamConsumer

HEADER = struct.Struct(">QBQ")


class LogConsumer(StreamConsumer):
    """`ws/commands/ID/log/?after=OFFSET` or `?last=BYTES`.

    With `last` it begins at a line so many bytes before the end, and says so first: JSON {"type":
    "start", "offset", "line", "status"}. Then come frames of a header and raw bytes; the header, in
    big endian: where the bytes begin, 8 bytes; stream, 1 byte, 1 stdout, 2 stderr; when they were
    read, 8 bytes, milliseconds since 1970 or 0. JSON {"type": "dropped", "offset", "size", "line"}
    stands where output is not kept; at last comes JSON {"type": "end", …} and the socket closes.
    The client's cursor is the end of what it has. Small frames come at most forty times a second,
    less often where hundreds watch.
    """

    async def open(self) -> None:
        query = parse_qs(self.scope["query_string"].decode("ascii", "replace"))
        self.after = _number(query, "after")
        self.last = _number(query, "last")
        self.command_id = self.scope["url_route"]["kwargs"]["command_id"]
        try:
            self.command = await in_thread(commands.get_for, self.user, self.command_id)
        except Refusal:
            raise NotFound from None
        self.about = finding.subject(self.command.sandbox_id)

    async def stream(self) -> None:
        if self.last:
            self.after, line = await in_thread(places.last_lines, self.command, self.last)
            start = {"offset": self.after, "line": line, "status": self.command.status}
            await self.send_json({"type": "start", **start})
        async with aclosing(batches(self.command_id, self.after)) as found:
            async for batch in found:
                for item in joined(batch, MAX_FRAME - HEADER.size):
                    await self._tell(item)

    async def _tell(self, item: Frame | Item) -> None:
        match item:
            case Frame():
                header = HEADER.pack(item.offset, item.stream, int(item.at * 1000))
                await self.send(bytes_data=header + item.data)
            case Dropped():
                dropped = {"offset": item.offset, "size": item.size, "line": item.line}
                await self.send_json({"type": "dropped", **dropped})
            case End():
                await self.send_json(ending(item.command))


def ending(command: Command) -> dict[str, object]:
    """How a command ended, as its last frame tells it."""
    removed = command.log_removed_at
    return {
        "type": "end",
        "status": command.status,
        "cause": command.cause,
        "exit_code": command.exit_code,
        "outcome": command.own_outcome,
        "succeeded": command.succeeded,
        "tone": command.tone,
        "duration": command.duration,
        "log_size": command.log_size,
        "removed_at": removed.isoformat() if removed else None,
    }


def _number(query: dict[str, list[str]], name: str) -> int:
    return cursor(query.get(name, ["0"])[0])
