"""The answer to one request, out of JSON or a stream of events, within so many bytes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2

from chat.tool_servers.failure import ServerFailed

MOST_BYTES = 4 * 1024 * 1024
MOST_TOOLS = 200


async def of(response: httpx2.Response, number: int) -> dict[str, Any] | None:
    """The message that answers request `number`; None when none comes. Raises ServerFailed."""
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise ServerFailed("The server packs its answer, which was not asked for.")
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind == "text/event-stream":
        async for data in _events(response):
            if (found := _matching(_parsed(data), number)) is not None:
                return found
        return None
    if kind != "application/json":
        raise ServerFailed(
            "The server answers something else than JSON.", "Check that it speaks MCP over HTTP."
        )
    body = b"".join([chunk async for chunk in _bounded(response)])
    return _matching(_parsed(body), number)


async def _events(response: httpx2.Response) -> AsyncIterator[bytes]:
    """The data of each event."""
    rest, data = b"", []
    async for chunk in _bounded(response):
        *lines, rest = (rest + chunk).replace(b"\r\n", b"\n").split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                data.append(line[5:].strip())
            elif not line and data:
                yield b"\n".join(data)
                data = []
    if rest.startswith(b"data:"):
        data.append(rest[5:].strip())
    if data:
        yield b"\n".join(data)


async def _bounded(response: httpx2.Response) -> AsyncIterator[bytes]:
    size = 0
    async for chunk in response.aiter_raw():
        size += len(chunk)
        if size > MOST_BYTES:
            raise ServerFailed(
                f"The server answers more than {MOST_BYTES // 1024 // 1024} MB.",
                "Ask it for less.",
            )
        yield chunk


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise ServerFailed("The server's answer is no JSON.") from None


def _no_number(word: str) -> float:
    """NaN and Infinity, which no JSON holds and no database keeps."""
    raise ValueError(word)


def _matching(message: Any, number: int) -> dict[str, Any] | None:
    for one in message if isinstance(message, list) else [message]:
        if isinstance(one, dict) and one.get("id") == number and "method" not in one:
            return one
    return None
