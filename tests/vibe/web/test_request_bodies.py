"""Large bodies of requests stay in Daphne's temporary file until they are read."""

from __future__ import annotations

import asyncio
import io
import os
import tempfile
from typing import Any

from vibe.web.daphne_seam.bodies import read_late

SIZE = 8192


def put(queue: asyncio.Queue[Any], data: bytes) -> None:
    """Fill the queue as Daphne does."""
    for start in range(0, len(data) + 1, SIZE):
        piece = data[start : start + SIZE]
        more = len(piece) == SIZE
        queue.put_nowait({"type": "http.request", "body": piece, "more_body": more})
    queue.put_nowait({"type": "http.disconnect"})


async def taken(queue: asyncio.Queue[Any]) -> bytes:
    data = b""
    while (message := await queue.get())["type"] == "http.request":
        data += message["body"]
    return data


async def test_a_body_is_read_from_its_file_when_it_is_asked_for() -> None:
    data = os.urandom(10 * SIZE + 5)
    queue: asyncio.Queue[Any] = asyncio.Queue()
    before = len(os.listdir("/proc/self/fd"))
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        read_late(queue, file)
    put(queue, data)
    held = [message["body"] for message in queue._queue if "body" in message]
    assert not any(isinstance(body, bytes) for body in held)
    assert await taken(queue) == data
    assert len(os.listdir("/proc/self/fd")) == before


async def test_a_small_body_is_passed_on_as_it_is() -> None:
    queue: asyncio.Queue[Any] = asyncio.Queue()
    read_late(queue, io.BytesIO(b"small"))
    put(queue, b"small")
    assert await taken(queue) == b"small"
