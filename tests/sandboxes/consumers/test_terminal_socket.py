"""A terminal's socket: typing, the screen after a reload, sizes, rights, its end."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser

from sandboxes.consumers import terminal as module
from sandboxes.models import Terminal
from sandboxes.output import places
from sandboxes.routing import websocket_urlpatterns
from sandboxes.services import terminals
from tests.fixtures.waiting import until_async
from vibe.accounts.models import User
from vibe.accounts.services.rights import Right

pytestmark = pytest.mark.sandbox
TIMEOUT = 20
run = sync_to_async


class Screen:
    """What a client has been sent so far."""

    def __init__(self, communicator: WebsocketCommunicator) -> None:
        self.socket = communicator
        self.output = b""
        self.cursor = 0
        self.told: list[dict[str, Any]] = []

    async def until(self, found: Any) -> None:
        """`found`: bytes of the output, or the type of a message."""
        while True:
            if found in self.output if isinstance(found, bytes) else found in self.types():
                return
            await self.take()

    async def take(self) -> None:
        frame = await self.socket.receive_output(timeout=TIMEOUT)
        if frame["type"] == "websocket.close":
            raise ConnectionError(frame["code"])
        if frame.get("bytes"):
            (offset,) = module.HEADER.unpack(frame["bytes"][:8])
            self.output += frame["bytes"][8:]
            self.cursor = offset + len(frame["bytes"]) - 8
        else:
            self.told.append(json.loads(frame["text"]))

    def types(self) -> list[str]:
        return [message["type"] for message in self.told]

    async def type(self, line: str) -> None:
        await self.socket.send_to(bytes_data=line.encode())


@asynccontextmanager
async def socket(user: Any, terminal: Terminal, query: str = "") -> AsyncIterator[Screen]:
    path = f"/ws/terminals/{terminal.pk}/{query}"
    communicator = WebsocketCommunicator(URLRouter(websocket_urlpatterns), path)
    communicator.scope["user"] = user
    connected, _ = await communicator.connect(timeout=TIMEOUT)
    assert connected
    try:
        yield Screen(communicator)
    finally:
        await communicator.disconnect(timeout=TIMEOUT)


async def closed_with(screen: Screen) -> int:
    with pytest.raises(ConnectionError) as caught:
        while True:
            await screen.take()
    return caught.value.args[0]


async def test_what_is_typed_runs_and_shows(owner: User, sandbox: Any) -> None:
    terminal = await run(terminals.create)(sandbox)
    async with socket(owner, terminal) as screen:
        await screen.type("echo $((40+2))\n")
        await screen.until(b"42\r\n")


async def test_a_new_client_gets_the_screen_and_then_what_is_new(owner: User, sandbox: Any) -> None:
    terminal = await run(terminals.create)(sandbox)
    async with socket(owner, terminal) as screen:
        await screen.type("echo first-$((1+1))\n")
        await screen.until(b"first-2")
    async with socket(owner, terminal) as screen:
        await screen.until("live")
        assert b"first-2" in screen.output
        await screen.type("echo second-$((1+1))\n")
        await screen.until(b"second-2")


async def test_a_client_goes_on_at_its_cursor(owner: User, sandbox: Any) -> None:
    terminal = await run(terminals.create)(sandbox)
    async with socket(owner, terminal) as screen:
        await screen.type("echo first-$((1+1))\n")
        await screen.until(b"first-2\r\n")
        cursor = screen.cursor
    async with socket(owner, terminal, f"?after={cursor}") as screen:
        await screen.type("echo second-$((1+1))\n")
        await screen.until(b"second-2")
        assert b"first-2" not in screen.output


async def test_a_new_size_reaches_the_program_and_is_kept(owner: User, sandbox: Any) -> None:
    terminal = await run(terminals.create)(sandbox)
    async with socket(owner, terminal) as screen:
        await screen.socket.send_json_to({"type": "resize", "cols": 133, "rows": 44})
        await screen.type("stty size\n")
        await screen.until(b"44 133")
    await run(terminal.refresh_from_db)()
    assert (terminal.cols, terminal.rows) == (133, 44)


async def test_nonsense_is_ignored(owner: User, sandbox: Any) -> None:
    terminal = await run(terminals.create)(sandbox)
    async with socket(owner, terminal) as screen:
        for text in (" ", "[]", "{", '{"type":"resize","cols":0,"rows":1}', "[" * 9999):
            await screen.socket.send_to(text_data=text)
        await screen.type("echo still $((1+1))\n")
        await screen.until(b"still 2")


async def test_the_end_of_the_shell_is_told(owner: User, sandbox: Any) -> None:
    terminal = await run(terminals.create)(sandbox)
    async with socket(owner, terminal) as screen:
        await screen.type("exit 3\n")
        await screen.until("end")
        assert screen.told[-1]["exit_code"] == 3
        assert await closed_with(screen) == 1000


async def test_a_strangers_terminal_is_not_there(sandbox: Any) -> None:
    terminal = await run(terminals.create)(sandbox)
    stranger = await run(User.objects.create_user)("mallory")
    async with socket(stranger, terminal) as screen:
        assert await closed_with(screen) == 4404


async def test_rights_that_end_hang_up(owner: User, sandbox: Any) -> None:
    terminal = await run(terminals.create)(sandbox)
    async with socket(owner, terminal) as screen:
        await screen.until("screen")
        await run(User.objects.filter(pk=owner.pk).update)(is_active=False)
        assert await closed_with(screen) == 4401


async def test_a_ticket_opens_once(owner: User, sandbox: Any) -> None:
    terminal = await run(terminals.create)(sandbox)
    word = await run(terminals.ticket)(terminal, Right(owner.pk))
    async with socket(AnonymousUser(), terminal, f"?ticket={word}") as screen:
        await screen.until("screen")
    async with socket(AnonymousUser(), terminal, f"?ticket={word}") as screen:
        assert await closed_with(screen) == 4401


async def test_too_large_a_frame_is_refused(owner: User, sandbox: Any) -> None:
    terminal = await run(terminals.create)(sandbox)
    async with socket(owner, terminal) as screen:
        await screen.until("screen")
        await screen.socket.send_to(bytes_data=b"x" * (module.MAX_INPUT_FRAME + 1))
        assert await closed_with(screen) == 1009


async def test_a_program_that_does_not_read_holds_its_writer_and_nobody_else(
    owner: User, sandbox: Any
) -> None:
    deaf = await run(terminals.create)(sandbox, executable="sh", args=["-c", "stty raw; sleep 99"])
    other = await run(terminals.create)(sandbox)
    async with socket(owner, deaf) as stuck, socket(owner, other) as screen:
        await stuck.until("screen")
        for _ in range(17):
            await stuck.socket.send_to(bytes_data=b"x" * module.MAX_INPUT_FRAME)
        assert await closed_with(stuck) == 1009
        await screen.type("echo free $((1+1))\n")
        await screen.until(b"free 2")


async def test_a_fresh_page_gets_the_modes_that_a_long_output_has_left_behind(
    owner: User, sandbox: Any
) -> None:
    begin = r"\033[?1049h\033[?1h\033=\033[?2004h\033[?1002;1006h\033[3;20r\033]2;notes\007"
    script = (
        f"printf '{begin}'; head -c 400000 /dev/zero | tr '\\0' x | fold -w 79; "
        r"printf '\033[?1002lready'; read key; printf '\033[?1049ldone'; sleep 60"
    )
    terminal = await run(terminals.create)(sandbox, executable="bash", args=["-c", script])
    async with socket(owner, terminal) as screen:
        await screen.until(b"ready")
        cursor = screen.cursor
    command = terminal.command
    await until_async(lambda: run(lambda: places.stored_end(command) >= cursor)())
    async with socket(owner, terminal) as screen:
        await screen.until("live")
        told = screen.told[0]
        assert told["offset"] > 0
        modes = told["modes"]
        assert modes.startswith("\x1b[?1049h")
        for each in ("\x1b[?1h", "\x1b=", "\x1b[?2004h", "\x1b[?1002h", "\x1b[?1006h",
                     "\x1b[3;20r", "\x1b]2;notes\x07"):  # fmt: skip
            assert each in modes
        # What was switched in the part that comes is not anticipated.
        assert b"\x1b[?1002l" in screen.output
    async with socket(owner, terminal, f"?after={cursor}") as screen:
        await screen.until("live")
        assert screen.told[0]["modes"] == ""
