"""Health gates over HTTP, in plain asyncio so that `up` needs no client library."""

from __future__ import annotations

import asyncio

TIMEOUT = 2.0


async def status(host: str, port: int, path: str) -> int:
    """GET `path` and return the HTTP status; 0 when nothing answers within TIMEOUT seconds."""
    bare = host.strip("[]")
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bare, bare)  # noqa: S104 - asked, not bound
    try:
        async with asyncio.timeout(TIMEOUT):
            reader, writer = await asyncio.open_connection(target, port)
            try:
                request = (
                    f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n"
                )
                writer.write(request.encode())
                # To the end: a server that is hung up on takes it for an aborted request.
                answer = await reader.read()
            finally:
                writer.close()
        return int(answer.split(maxsplit=2)[1])
    except (OSError, TimeoutError, ValueError, IndexError):
        return 0
