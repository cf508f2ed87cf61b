"""The live output of one command, as binary frames."""

from __future__ import annotations

import struct
from contextlib import aclosing
from urllib.parse import parse_qs

from channels.db import database_sync_to_async

from sandboxes.models import Command
from sandboxes.output.replay import Dropped, End, Piece, follow
from sandboxes.services import commands
from sandboxes.services.errors import SandboxError
from vibe.streams.consumer import MAX_FRAME, NotFound, StreamConsumer

HEADER = struct.Struct(">QB")


class LogConsumer(StreamConsumer):
    """`ws/commands/ID/log/?after=OFFSET`.

    Sends frames of a header (where the bytes begin: 8 bytes, big endian; stream: 1 byte, 1 stdout,
    2 stderr) and raw bytes; JSON {"type": "dropped", "offset", "size"} where output was not kept;
    at last JSON {"type": "end", …} and closes. The client's cursor is the end of what it has.
    """

    async def open(self) -> None:
        query = parse_qs(self.scope["query_string"].decode("ascii", "replace"))
        after = query.get("after", ["0"])[0]
        self.after = int(after) if after.isdecimal() else 0
        self.command_id = self.scope["url_route"]["kwargs"]["command_id"]
        try:
            await database_sync_to_async(commands.get_for)(self.user, self.command_id)
        except SandboxError:
            raise NotFound from None

    async def stream(self) -> None:
        async with aclosing(follow(self.command_id, self.after)) as items:
            async for item in items:
                match item:
                    case Piece():
                        await self._send_piece(item)
                    case Dropped():
                        dropped = {"offset": item.offset, "size": item.size}
                        await self.send_json({"type": "dropped", **dropped})
                    case End():
                        await self.send_json(ending(item.command))

    async def _send_piece(self, piece: Piece) -> None:
        room = MAX_FRAME - HEADER.size
        for start in range(0, len(piece.data), room):
            header = HEADER.pack(piece.offset + start, piece.stream)
            await self.send(bytes_data=header + piece.data[start : start + room])


def ending(command: Command) -> dict[str, object]:
    """How a command ended, as its last frame tells it."""
    return {
        "type": "end",
        "status": command.status,
        "cause": command.cause,
        "exit_code": command.exit_code,
        "outcome": command.outcome,
        "succeeded": command.succeeded,
        "log_size": command.log_size,
    }
