"""Interactive terminals as the official clients speak to them: a WebSocket for each program."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import aclosing
from typing import Annotated, Any
from urllib.parse import parse_qs

from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel, Field, ValidationError

from sandboxes.engine import TerminalSize
from sandboxes.models import SandboxSession, Terminal
from sandboxes.output.replay import End, Piece, follow
from sandboxes.services import finding, interactive, terminals
from sandboxes.services.keyboard import Keyboard, Overrun
from sandboxes.vercel.access import ApiKeyBearer, running
from sandboxes.vercel.serializers import exit_code
from sandboxes.vercel.shapes import shown
from vibe.accounts.services.rights import Right
from vibe.api.authentication import right_of
from vibe.api.fields import Text
from vibe.data.database import in_thread
from vibe.refusal import Refusal
from vibe.web.stream_consumer import MAX_FRAME, NOT_FOUND, StreamConsumer

router = Router(auth=ApiKeyBearer("run"))
logger = logging.getLogger("vibe.api")

START_SECONDS = 60.0
TOO_MUCH = 1009
Side = Annotated[int, Field(ge=1, le=terminals.MAX_SIDE)]


@router.post(
    "/sandboxes/sessions/{session_id}/interactive",
    summary="Open an interactive terminal",
    openapi_extra=shown(**dict.fromkeys(("url", "token"), "string")),
)
def open_interactive(request: HttpRequest, session_id: str) -> dict[str, str]:
    """Connect to `{url}?token={token}` within five minutes, once."""
    _, session = running(request, session_id)
    scheme = "wss" if request.is_secure() else "ws"
    return {
        "url": f"{scheme}://{request.get_host()}/vercel/interactive/{session.id}",
        "token": interactive.invite(session, right_of(request)),
    }


class Size(BaseModel):
    cols: Side = 80
    rows: Side = 24


class Start(Size):
    command: Text = Field(min_length=1, max_length=4096)
    args: list[Text] = Field([], max_length=8192)
    env: list[Text] = Field([], max_length=1000)
    cwd: Text | None = Field(None, max_length=4096)

    def environment(self) -> dict[str, str]:
        pairs = (one.partition("=") for one in self.env)
        return {name: value for name, _, value in pairs if name}


class InteractiveConsumer(StreamConsumer):
    """In: text {"type": "start", …} first, then {"type": "resize", …}; binary frames are keys.
    Out: binary frames of output, at the end {"type": "exit", "code"}. Whoever hangs up ends the
    program; a text that is no JSON is for the person at the terminal."""

    session: SandboxSession
    _right: Right
    keyboard: Keyboard | None = None

    async def connect(self) -> None:
        asked = parse_qs(self.scope["query_string"].decode("ascii", "replace"))
        found = await in_thread(
            interactive.invited,
            asked.get("token", [""])[0],
            str(self.scope["url_route"]["kwargs"]["session_id"]),
        )
        if found is None:
            await self._refuse(NOT_FOUND)
            return
        self.session, self._right = found
        self.about = finding.subject(self.session.sandbox_id)
        self._early: list[bytes | TerminalSize] = []
        self._start: asyncio.Future[Start] = asyncio.get_running_loop().create_future()
        await self.begin()

    @property
    def right(self) -> Right:
        return self._right

    async def stream(self) -> None:
        try:
            start = await asyncio.wait_for(self._start, START_SECONDS)
            terminal = await in_thread(self._opened, start)
        except (TimeoutError, ValidationError):
            await self._end("The first message has to start a program.", 1)
            return
        except Refusal as error:
            await self._end(f"{error} {error.hint}".strip(), 1)
            return
        try:
            await self._show(terminal)
        finally:
            await in_thread(terminals.close, terminal)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            if bytes_data is not None:
                self._put(bytes_data)
                return
            message = json.loads(text_data or "")
            if message.get("type") == "resize":
                size = Size.model_validate(message)
                self._put(TerminalSize(size.cols, size.rows))
            elif message.get("type") == "start" and not self._start.done():
                given = {name: value for name, value in message.items() if value is not None}
                self._start.set_result(Start.model_validate(given))
        except Overrun:
            await self.close(TOO_MUCH)
        except ValidationError as error:
            if not self._start.done():
                self._start.set_exception(error)
        except (ValueError, AttributeError, RecursionError):
            pass  # the protocol knows no other message

    def _put(self, item: bytes | TerminalSize) -> None:
        if self.keyboard is not None:
            self.keyboard.put(item)
        elif len(self._early) < 1000:  # typed ahead of the program
            self._early.append(item)
        else:
            raise Overrun

    def _opened(self, start: Start) -> Terminal:
        return terminals.create(
            self.session.sandbox,
            size=TerminalSize(start.cols, start.rows),
            executable=start.command,
            args=start.args,
            cwd=start.cwd or "",
            env=start.environment(),
            by=self.session.sandbox.owner,
        )

    async def _show(self, terminal: Terminal) -> None:
        self.keyboard = Keyboard(terminal, self._taken)
        for early in self._early:
            self.keyboard.put(early)
        typing = asyncio.create_task(self.keyboard.run())
        try:
            async with aclosing(follow(terminal.command_id, 0)) as items:
                async for item in items:
                    match item:
                        case Piece():
                            for start in range(0, len(item.data), MAX_FRAME):
                                await self.send(bytes_data=item.data[start : start + MAX_FRAME])
                        case End():
                            await self._end(item.command.error, exit_code(item.command))
        finally:
            typing.cancel()
            await asyncio.gather(typing, return_exceptions=True)

    async def _end(self, note: str, code: int | None) -> None:
        if note:
            await self.send(text_data=f"{note}\r\n")
        await self.send_json({"type": "exit", "code": 1 if code is None else code})

    async def _taken(self, size: int) -> Any:
        """The protocol does not tell."""
