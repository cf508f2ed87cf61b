"""A session with a server of tools: streamable HTTP, JSON-RPC."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Self, TypeGuard

import httpx2

from chat.providers.guarded import GuardedTransport
from chat.providers.words import said_by
from chat.tool_servers import answers
from chat.tool_servers.failure import ServerFailed, SessionGone, of_connection, of_status

PROTOCOL = "2025-06-18"
LIST_SECONDS, CALL_SECONDS, CLOSE_SECONDS = 20.0, 60.0, 2.0
PAGES = 10
WORD_LENGTH = 512


@dataclass(frozen=True)
class Place:
    """Where a server is, and what it wants to be sent. `guarded`: only public addresses."""

    url: str
    headers: dict[str, str] = field(repr=False)
    guarded: bool


class Session:
    """Begun with the first request. All that goes wrong is a ServerFailed."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._numbers = count(1)
        self._begun = False
        self._about: dict[str, str] = {}
        self._client = httpx2.AsyncClient(
            transport=GuardedTransport() if place.guarded else None,
            follow_redirects=False,
            timeout=CALL_SECONDS,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End the session, as far as the server lets itself be told."""
        try:
            if "Mcp-Session-Id" in self._about:
                async with asyncio.timeout(CLOSE_SECONDS):
                    ends = self._client.stream("DELETE", self._place.url, headers=self._headers())
                    async with ends:  # what it says to that is not read
                        pass
        except (TimeoutError, httpx2.HTTPError, OSError):
            pass  # it ends by itself
        finally:
            await self._client.aclose()

    async def tools(self, seconds: float = LIST_SECONDS) -> list[Any]:
        """What the server says its tools are, as it says it."""
        found: list[Any] = []
        cursor: Any = None
        async with _within(seconds):
            for _ in range(PAGES):
                result = await self._ask("tools/list", {"cursor": cursor} if cursor else {})
                listed = result.get("tools")
                found += listed if isinstance(listed, list) else []
                cursor = result.get("nextCursor")
                if not isinstance(cursor, str) or not cursor or len(found) > answers.MOST_TOOLS:
                    break
        return found

    async def call(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """What the tool answers, as the server says it."""
        async with _within(CALL_SECONDS):
            return await self._ask("tools/call", {"name": name, "arguments": arguments})

    async def _ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        fresh = not self._begun
        if fresh:
            await self._begin()
        try:
            return await self._request(method, params)
        except SessionGone:
            if fresh:
                raise
            # It was never begun on, so nothing is done twice.
            await self._begin()
            return await self._request(method, params)

    async def _begin(self) -> None:
        self._about = {}
        told = await self._request(
            "initialize",
            {
                "protocolVersion": PROTOCOL,
                "capabilities": {},
                "clientInfo": {"name": "vibe", "version": "1"},
            },
        )
        version = told.get("protocolVersion")
        self._about["MCP-Protocol-Version"] = version if _is_word(version) else PROTOCOL
        await self._send({"method": "notifications/initialized"}, None)
        self._begun = True

    async def _request(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        number = next(self._numbers)
        found = await self._send({"id": number, "method": method, "params": params}, number)
        if found is None:
            raise ServerFailed("The server gave no answer.")
        if isinstance(error := found.get("error"), dict):
            words = said_by(error.get("message")) or "It gives no reason."
            raise ServerFailed(f"The server refuses: {words}", "Look at what it was given.")
        result = found.get("result")
        return result if isinstance(result, dict) else {}

    async def _send(self, message: dict[str, Any], number: int | None) -> dict[str, Any] | None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        try:
            async with self._client.stream(
                "POST", self._place.url, content=body, headers=self._headers()
            ) as response:
                if response.status_code == 404 and "Mcp-Session-Id" in self._about:
                    raise SessionGone("The server has forgotten the session.")
                if not 200 <= response.status_code < 300:
                    raise of_status(response.status_code)
                session = response.headers.get("Mcp-Session-Id")
                if _is_word(session):
                    self._about["Mcp-Session-Id"] = session
                return None if number is None else await answers.of(response, number)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            if isinstance(error, TimeoutError):
                raise
            raise of_connection(error) from None

    def _headers(self) -> dict[str, str]:
        return {
            **self._place.headers,
            "Accept": "application/json, text/event-stream",
            # What is packed could unpack to anything.
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
            **self._about,
        }


class _within:
    """Holds all that a request takes to so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._timeout = asyncio.timeout(seconds)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(self, *about: Any) -> None:
        try:
            await self._timeout.__aexit__(*about)
        except TimeoutError:
            raise ServerFailed(
                f"The server did not answer within {self._seconds:g} s.", "Try again later."
            ) from None


def _is_word(value: Any) -> TypeGuard[str]:
    """Whether it may become a header."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= WORD_LENGTH
        and all("!" <= letter <= "~" for letter in value)
    )
