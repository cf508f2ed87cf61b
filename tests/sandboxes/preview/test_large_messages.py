"""WebSocket messages of many MiB pass in pieces, both ways, and take the web process no memory."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import zlib
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from sandboxes.models import Sandbox
from tests.fixtures.waiting import until_async
from tests.sandboxes.preview.conftest import web_process
from tests.sandboxes.preview.dialling import WS, dial, ending

pytestmark = pytest.mark.sandbox
MIB = 1024 * 1024
LARGEST = 64 * MIB
AT_ONCE = 20


async def swallow(socket: ClientConnection) -> int:
    """Read one message and keep nothing of it; how many bytes it had."""
    return sum([len(piece) async for piece in socket.recv_streaming(decode=False)])


async def test_forty_mib_go_up_and_down_whole(web, sandbox: Sandbox) -> None:
    message = os.urandom(MIB) * 40
    async with dial(web, web.host(sandbox, WS), max_size=None) as socket:
        await socket.send(message)
        said = await socket.recv()

    assert said == message


async def test_twenty_large_messages_at_a_time_take_no_memory(web, sandbox: Sandbox) -> None:
    host, size = web.host(sandbox, WS), 40 * MIB
    message = bytes(16 * MIB)
    right = f"{len(message)} {hashlib.sha256(message).hexdigest()}"
    async with dial(web, host, "/count") as socket:
        await socket.send(b"x")
        await socket.recv()
    before = web.memory()
    most = before

    async def up() -> str | bytes:
        async with dial(web, host, "/count") as socket:
            await socket.send(message)
            return await socket.recv()

    async def down() -> int:
        async with dial(web, host, f"/large?size={size}", max_size=None) as socket:
            return await swallow(socket)

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, web.memory())
            await asyncio.sleep(0.01)

    watching = asyncio.ensure_future(watch())
    try:
        async with asyncio.timeout(150):
            ups = asyncio.gather(*(up() for _ in range(AT_ONCE // 2)))
            downs = asyncio.gather(*(down() for _ in range(AT_ONCE // 2)))
            assert await ups == [right] * (AT_ONCE // 2)
            assert await downs == [size] * (AT_ONCE // 2)
    finally:
        watching.cancel()

    assert most - before < 60 * MIB


async def test_a_message_of_the_largest_size_passes(web, sandbox: Sandbox) -> None:
    path = f"/large?size={LARGEST}"
    async with dial(web, web.host(sandbox, WS), path, max_size=None) as socket:
        assert await swallow(socket) == LARGEST


async def test_a_larger_one_of_the_server_closes_both_ends_with_a_reason(
    web, sandbox: Sandbox
) -> None:
    path = f"/large?size={LARGEST + 1}"
    async with dial(web, web.host(sandbox, WS), path, max_size=None) as socket:
        code, reason = await ending(socket)

    assert code == 1009
    assert "larger than 64 MiB" in reason
    await until_async(lambda: asyncio.to_thread(gone, web, sandbox, "large 1009"))


def gone(web, sandbox: Sandbox, name: str) -> bool:
    return name in json.loads(web.ask(web.host(sandbox), "/gone").read())


async def test_a_larger_one_of_the_browser_closes_with_a_reason(web, sandbox: Sandbox) -> None:
    async with dial(web, web.host(sandbox, WS), max_size=None) as socket:
        with pytest.raises(ConnectionClosed):
            await socket.send(bytes(LARGEST + 1))
            await socket.recv()
        code, reason = await ending(socket)

    assert code == 1009
    assert "larger than 64 MiB" in reason


async def test_what_is_split_into_frames_is_one_message_for_the_limit(
    web, sandbox: Sandbox
) -> None:
    async with dial(web, web.host(sandbox, WS)) as socket:
        with pytest.raises(ConnectionClosed):
            await socket.send(bytes(4 * MIB) for _ in range(17))
            await socket.recv()
        code, _ = await ending(socket)

    assert code == 1009


async def test_a_message_in_frames_arrives_as_one(web, sandbox: Sandbox) -> None:
    async with dial(web, web.host(sandbox, WS), "/pieces") as socket:
        assert await socket.recv() == b"x" * 3000


async def test_a_refusal_waits_for_the_frame_that_goes_the_other_way(web, sandbox: Sandbox) -> None:
    async with dial(web, web.host(sandbox, WS), "/late", max_size=None) as socket:
        sending = asyncio.ensure_future(socket.send(bytes(LARGEST + 1)))
        await asyncio.wait({sending}, timeout=0.2)
        await asyncio.to_thread(lambda: web.ask(web.host(sandbox), "/go").read())
        assert await socket.recv() == bytes(10 * MIB)
        code, _ = await ending(socket)
        await asyncio.gather(sending, return_exceptions=True)

    assert code == 1009


async def test_a_control_frame_that_cannot_be_one_closes_as_a_fault(web, sandbox: Sandbox) -> None:
    async with dial(web, web.host(sandbox, WS), "/bad-control") as socket:
        assert (await ending(socket))[0] == 1002


async def test_a_server_that_does_not_read_leaves_the_browser_waiting(
    web, sandbox: Sandbox
) -> None:
    name = f"deaf {sandbox.pk}"
    path = f"/deaf?name={name.replace(' ', '+')}"
    before = web.memory()
    async with dial(web, web.host(sandbox, WS), path) as socket:
        sending = asyncio.ensure_future(socket.send(bytes(60 * MIB)))
        await asyncio.wait({sending}, timeout=1.0)

        assert not sending.done()
        assert web.memory() - before < 20 * MIB
        await asyncio.to_thread(lambda: web.ask(web.host(sandbox), "/go-on").read())
        await sending


async def test_a_browser_that_does_not_read_leaves_the_server_waiting(
    web, sandbox: Sandbox
) -> None:
    before = web.memory()
    path = f"/large?size={60 * MIB}"
    async with dial(web, web.host(sandbox, WS), path, max_size=None) as socket:
        pieces = socket.recv_streaming(decode=False)
        size = len(await anext(pieces))
        socket.transport.pause_reading()
        await asyncio.wait({asyncio.ensure_future(socket.wait_closed())}, timeout=1.0)

        assert web.memory() - before < 20 * MIB
        socket.transport.resume_reading()
        async for piece in pieces:
            size += len(piece)
    assert size == 60 * MIB


async def test_compression_is_not_agreed_upon_so_nothing_swells(web, sandbox: Sandbox) -> None:
    """A bomb of 1 GiB is a MiB on the wire, and stays one: a frame that says that it is
    compressed is a fault where nobody has offered it."""
    host = web.host(sandbox, WS)
    async with dial(web, host, compression="deflate") as socket:
        assert socket.response is not None
        assert "Sec-WebSocket-Extensions" not in socket.response.headers

    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = squeeze.compress(bytes(256 * MIB)) + squeeze.flush(zlib.Z_SYNC_FLUSH)
    before = web.memory()
    async with dial(web, host) as socket:
        socket.transport.write(b"\xc2\xff" + len(bomb).to_bytes(8, "big") + bytes(4) + bomb)
        code, _ = await ending(socket)

    assert code == 1002
    assert web.memory() - before < 20 * MIB


async def test_five_hundred_sockets_stand_beside_pages(web, sandbox: Sandbox) -> None:
    host = web.host(sandbox, WS)
    async with AsyncExitStack() as stack:
        for _ in range(10):
            opening = (stack.enter_async_context(dial(web, host)) for _ in range(50))
            sockets = await asyncio.gather(*opening)
            await sockets[0].send("there")
            assert await sockets[0].recv() == "there"
        page = await asyncio.to_thread(lambda: web.ask(web.host(sandbox), "/page"))

        assert page.status == 200


async def test_a_socket_without_a_place_is_refused_with_the_reason(
    web, sandbox: Sandbox, top: Path
) -> None:
    with web_process(top / "few.log", VIBE_PREVIEW_SOCKETS="1") as few:
        host = f"{WS}-{web.host(sandbox, WS).split('-')[1].rpartition(':')[0]}:{few.port}"
        async with dial(few, host):
            with pytest.raises(InvalidStatus) as refused:
                await dial(few, host)

    assert refused.value.response.status_code == 503
    assert "1 WebSockets to this sandbox" in refused.value.response.reason_phrase
