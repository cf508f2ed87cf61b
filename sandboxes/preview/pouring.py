"""The rest of a long download, from one socket to the other by the kernel: its bytes never come
into this process."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
from collections.abc import Callable

# From so many bytes on it is worth the pipe and the connection, which is used for nothing else.
WORTH = 1024 * 1024
PIPE = 1024 * 1024


class Ended(Exception):
    """One end has gone before all was poured."""


async def pour(source: int, sink: int, size: int) -> None:
    """Move `size` bytes between two sockets that do not block, as fast as the slower of them."""
    loop = asyncio.get_running_loop()
    outlet, inlet = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    # Whoever watches a socket already watches its number; another number is another watch.
    source, sink = os.dup(source), os.dup(sink)
    try:
        with contextlib.suppress(OSError):  # so many large pipes are not everybody's
            fcntl.fcntl(inlet, fcntl.F_SETPIPE_SZ, PIPE)
        while size:
            moved = _splice(source, inlet, min(size, PIPE))
            if moved is None:
                await _ready(source, loop.add_reader, loop.remove_reader)
                continue
            if moved == 0:
                raise Ended
            size -= moved
            while moved:
                written = _splice(outlet, sink, moved)
                if written is None:
                    await _ready(sink, loop.add_writer, loop.remove_writer)
                else:
                    moved -= written
            await asyncio.sleep(0)  # others have their turn
    finally:
        for number in (outlet, inlet, source, sink):
            os.close(number)


def _splice(source: int, sink: int, size: int) -> int | None:
    """Bytes that were moved; None when one of both is not ready."""
    try:
        return os.splice(source, sink, size, flags=os.SPLICE_F_NONBLOCK | os.SPLICE_F_MOVE)
    except BlockingIOError:
        return None
    except OSError as error:
        raise Ended from error


async def _ready(number: int, add: Callable[..., None], remove: Callable[[int], object]) -> None:
    ready = asyncio.Event()
    add(number, ready.set)
    try:
        await ready.wait()
    finally:
        remove(number)
