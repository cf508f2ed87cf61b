from __future__ import annotations

import asyncio
import json

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidStatus

from sandboxes.models import Sandbox
from tests.fixtures.waiting import until_async
from tests.sandboxes.preview.dialling import WS, dial, ending

pytestmark = pytest.mark.sandbox


async def test_text_and_bytes_go_both_ways(web, sandbox: Sandbox) -> None:
    async with dial(web, web.host(sandbox, WS)) as socket:
        await socket.send("grüß dich")
        await socket.send(b"\x00\xff")

        assert await socket.recv() == "grüß dich"
        assert await socket.recv() == b"\x00\xff"


async def test_the_server_chooses_the_subprotocol(web, sandbox: Sandbox) -> None:
    host = web.host(sandbox, WS)

    async with dial(web, host, subprotocols=["other", "vite-hmr"]) as socket:
        assert socket.subprotocol == "vite-hmr"


async def test_a_server_that_takes_seconds_to_open_is_waited_for(web, sandbox: Sandbox) -> None:
    async with dial(web, web.host(sandbox, WS), "/slow") as socket:
        await socket.send("there")

        assert await socket.recv() == "there"


async def test_the_servers_close_code_reaches_the_browser(web, sandbox: Sandbox) -> None:
    async with dial(web, web.host(sandbox, WS), "/close") as socket:
        assert (await ending(socket))[0] == 4321


async def test_a_close_code_below_3000_reaches_the_browser_too(web, sandbox: Sandbox) -> None:
    async with dial(web, web.host(sandbox, WS), "/restarting") as socket:
        assert await ending(socket) == (1012, "service restart")


async def test_the_browsers_close_code_reaches_the_server(web, sandbox: Sandbox) -> None:
    async with dial(web, web.host(sandbox, WS)) as socket:
        await socket.close(4005)

    def noticed() -> bool:
        return "socket 4005" in json.loads(web.ask(web.host(sandbox), "/gone").read())

    await until_async(lambda: asyncio.to_thread(noticed))


async def test_a_server_that_drops_the_line_closes_the_browsers_socket(
    web, sandbox: Sandbox
) -> None:
    async with dial(web, web.host(sandbox, WS), "/drop") as socket:
        assert (await ending(socket))[0] == 1011


async def test_the_handshake_carries_no_cookie_of_the_platform(web, sandbox: Sandbox) -> None:
    host = web.host(sandbox, WS)
    cookie = {"Cookie": "a=1; __Host-vibe_session=secret"}

    async with dial(web, host, "/headers", additional_headers=cookie) as socket:
        headers = {name.lower(): value for name, value in json.loads(await socket.recv())}

    assert headers["cookie"] == "a=1"
    assert headers["host"] == host
    assert headers["origin"] == f"http://{host}"
    assert headers["x-forwarded-host"] == host


async def test_a_thousand_messages_arrive_in_order(web, sandbox: Sandbox) -> None:
    async with dial(web, web.host(sandbox, WS)) as socket:
        sending = asyncio.ensure_future(send_all(socket, 1000))
        async with asyncio.timeout(60):
            received = [await socket.recv() for _ in range(1000)]
        await sending

    assert received == [f"{n} {'x' * 1000}" for n in range(1000)]


async def send_all(socket: ClientConnection, count: int) -> None:
    for number in range(count):
        await socket.send(f"{number} {'x' * 1000}")


async def test_a_closed_port_refuses_the_handshake(web, sandbox: Sandbox) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await dial(web, web.host(sandbox, 4567))

    assert refused.value.response.status_code == 403


async def test_a_server_without_websockets_refuses_the_handshake(web, sandbox: Sandbox) -> None:
    with pytest.raises(InvalidStatus):
        await dial(web, web.host(sandbox, 3000), "/page")


async def test_an_unknown_sandbox_refuses_the_handshake(web, sandbox: Sandbox) -> None:
    with pytest.raises(InvalidStatus):
        await dial(web, web.host("a" * 20, WS))
