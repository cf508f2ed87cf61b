"""A terminal's screen and keyboard over one WebSocket."""

from __future__ import annotations

import asyncio
import json
import struct
from contextlib import aclosing
from urllib.parse import parse_qs

from sandboxes.consumers.log import ending
from sandboxes.engine import TerminalSize
from sandboxes.models import Terminal
from sandboxes.news.events import log_key
from sandboxes.output import places, terminal_modes
from sandboxes.output.replay import End, Piece, follow
from sandboxes.services import finding, terminals
from sandboxes.services.keyboard import Keyboard, Overrun
from vibe.accounts.models import User
from vibe.accounts.services.rights import Right
from vibe.data.database import in_thread
from vibe.refusal import Refusal
from vibe.streams.stream import EventStream, cursor
from vibe.web.stream_consumer import MAX_FRAME, NotFound, StreamConsumer

HEADER = struct.Struct(">Q")
SCREEN_BYTES = 256 * 1024  # what a fresh page gets of the scroll-back
MAX_INPUT_FRAME = 64 * 1024
TOLD_FROM = 4096  # smaller writes are keys, whose echo tells enough
TOO_MUCH = 1009


class TerminalConsumer(StreamConsumer):
    """`ws/terminals/ID/?after=OFFSET`, without `after` for the screen from its scroll-back.

    Out: JSON {"type": "screen", "cols", "rows", "offset", "modes"}, where `modes` brings a fresh
    terminal into those that hold at the offset (alternate screen, mouse, keys …); binary frames,
    the offset of their first byte (8 bytes, big endian) and output; JSON {"type": "live"} when
    everything older than the connection has been sent, until which a client must not answer to
    queries in the output; {"type": "taken", "bytes"} when the program has taken a larger input; at
    the end {"type": "end", …}. In: binary frames of up to 64 KiB, typed into the terminal; JSON
    {"type": "resize", "cols", "rows"}. A program brings `?ticket=`, a browser its session.
    """

    terminal: Terminal
    keyboard: Keyboard
    # Who brought a ticket, and what that was given for.
    holder: tuple[User, Right] | None = None

    @property
    def user(self) -> User:
        return self.holder[0] if self.holder else super().user

    @property
    def right(self) -> Right:
        return self.holder[1] if self.holder else super().right

    async def connect(self) -> None:
        ticket = parse_qs(self.scope["query_string"].decode("ascii", "replace")).get("ticket")
        if ticket:
            self.holder = await in_thread(terminals.holder_of, ticket[0], self._terminal_id)
        await super().connect()

    async def open(self) -> None:
        self.terminal = await self._looked_up()
        self.about = finding.subject(self.terminal.sandbox_id)
        self.keyboard = Keyboard(self.terminal, self._taken)

    async def stream(self) -> None:
        start, end, modes = await in_thread(self._extent)
        size = {"cols": self.terminal.cols, "rows": self.terminal.rows}
        await self.send_json({"type": "screen", "offset": start, "modes": modes, **size})
        typing = asyncio.create_task(self.keyboard.run())
        try:
            await self._send_output(start, end)
        finally:
            typing.cancel()
            await asyncio.gather(typing, return_exceptions=True)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.pump is None or self.pump.done():
            return
        try:
            if bytes_data is not None:
                if len(bytes_data) > MAX_INPUT_FRAME:
                    raise Overrun
                self.keyboard.put(bytes_data)
            elif size := _size(text_data or ""):
                self.keyboard.put(size)
        except Overrun:
            await self.close(TOO_MUCH)

    async def _send_output(self, position: int, end: int) -> None:
        live = position >= end
        if live:
            await self.send_json({"type": "live"})
        async with aclosing(follow(self.terminal.command_id, position)) as items:
            async for item in items:
                match item:
                    case Piece():
                        await self._send_piece(item)
                    case End():
                        await self.send_json(ending(item.command))
                        return
                position = item.end
                if not live and position >= end:
                    live = True
                    await self.send_json({"type": "live"})

    async def _send_piece(self, piece: Piece) -> None:
        room = MAX_FRAME - HEADER.size
        for start in range(0, len(piece.data), room):
            header = HEADER.pack(piece.offset + start)
            await self.send(bytes_data=header + piece.data[start : start + room])
            await asyncio.sleep(0)

    def _extent(self) -> tuple[int, int, str]:
        """(where to begin, where the output ends now, sequences for the modes at the beginning)."""
        stored = places.stored_end(self.terminal.command)
        end = max(stored, EventStream(log_key(self.terminal.command_id)).last())
        after = parse_qs(self.scope["query_string"].decode("ascii", "replace")).get("after")
        if after and after[0].isdecimal() and cursor(after[0]) <= end:
            return cursor(after[0]), end, ""
        if end <= SCREEN_BYTES:
            return 0, end, ""
        start = places.last_lines(self.terminal.command, SCREEN_BYTES)[0]
        modes = terminal_modes.before(self.terminal.command, start).sequences(self.terminal.rows)
        return start, end, modes.decode("utf-8", "replace")

    async def _taken(self, size: int) -> None:
        if size >= TOLD_FROM:
            await self.send_json({"type": "taken", "bytes": size})

    @property
    def _terminal_id(self) -> str:
        return str(self.scope["url_route"]["kwargs"]["terminal_id"])

    async def _looked_up(self) -> Terminal:
        try:
            return await in_thread(terminals.get_for, self.user, self._terminal_id)
        except Refusal:
            raise NotFound from None


def _size(text: str) -> TerminalSize | None:
    """The size that a text frame asks for; None for anything else."""
    try:
        message = json.loads(text)
        size = TerminalSize(message["cols"], message["rows"])
        if message["type"] == "resize" and {type(size.cols), type(size.rows)} == {int}:
            return terminals.checked_size(size)
    except (ValueError, KeyError, TypeError, Refusal, RecursionError):
        pass
    return None
