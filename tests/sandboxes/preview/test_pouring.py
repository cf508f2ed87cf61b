"""What the kernel moves between two sockets arrives whole, or the end of one is noticed."""

from __future__ import annotations

import asyncio
import os
import socket

import pytest

from sandboxes.preview import pouring

pytestmark = pytest.mark.unit


@pytest.fixture
def pairs():
    """The server's end, what is poured from, what is poured into, the browser's end."""
    server, source = socket.socketpair()
    sink, browser = socket.socketpair()
    ends = (server, source, sink, browser)
    for end in ends:
        end.setblocking(False)
    yield ends
    for end in ends:
        end.close()


async def test_every_byte_arrives_once_and_in_order(pairs) -> None:
    server, source, sink, browser = pairs
    loop, data = asyncio.get_running_loop(), os.urandom(5_000_000)
    sending = asyncio.ensure_future(loop.sock_sendall(server, data + b"the next answer"))
    pouring_it = asyncio.ensure_future(pouring.pour(source.fileno(), sink.fileno(), len(data)))
    received = bytearray()
    async with asyncio.timeout(30):
        while len(received) < len(data):
            received += await loop.sock_recv(browser, 1 << 20)
        await pouring_it
        await sending

    assert received == data
    assert await loop.sock_recv(source, 100) == b"the next answer"


async def test_a_server_that_ends_too_early_is_noticed(pairs) -> None:
    server, source, sink, _ = pairs
    server.send(b"a beginning")
    server.close()

    with pytest.raises(pouring.Ended):
        await pouring.pour(source.fileno(), sink.fileno(), 1000)


async def test_a_browser_that_leaves_is_noticed(pairs) -> None:
    server, source, sink, browser = pairs
    browser.close()
    server.send(b"a beginning")

    with pytest.raises(pouring.Ended):
        await pouring.pour(source.fileno(), sink.fileno(), 1000)


async def test_who_is_cancelled_leaves_no_descriptor(pairs) -> None:
    _, source, sink, _ = pairs
    before = set(os.listdir("/proc/self/fd"))
    waiting = asyncio.ensure_future(pouring.pour(source.fileno(), sink.fileno(), 1000))
    await asyncio.sleep(0)
    assert set(os.listdir("/proc/self/fd")) > before

    waiting.cancel()
    await asyncio.wait({waiting})

    assert set(os.listdir("/proc/self/fd")) == before
