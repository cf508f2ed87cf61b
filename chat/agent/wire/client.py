"""The HTTP client of all providers, whose answers arrive well-formed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, Protocol

import httpx2
from pydantic_ai.models import create_async_httpx2_client

from chat.agent.wire import attempts, failures
from chat.agent.wire.anthropic_messages import AnthropicMessages
from chat.agent.wire.openai_chat import OpenAIChat
from chat.agent.wire.server_sent_events import decoded, encoded
from chat.providers.guarded import GuardedTransport

WHOLE_BYTES = 20_000_000
# Name of an event that is no JSON: the library then says that the answer cannot be read.
UNREADABLE = "message"


class Format(Protocol):
    """What writes one answer of a wire format anew."""

    ended: bool

    @property
    def may_end(self) -> bool: ...
    def event(self, name: str, data: Any) -> Any: ...
    def whole(self, body: dict[str, Any]) -> Any: ...
    def end(self) -> Any: ...
    def failure(self, body: Any) -> bytes: ...


FORMATS: dict[str, type[Any]] = {
    "/chat/completions": OpenAIChat,
    "/messages": AnthropicMessages,
}


def client(*, guarded: bool = False) -> httpx2.AsyncClient:
    """A client for one turn; close it. `guarded`: it reaches public addresses only."""
    made = create_async_httpx2_client(transport=GuardedTransport() if guarded else None)
    made.event_hooks = {
        "request": [attempts.sent],
        "response": [attempts.answered, _write_anew],
    }
    return made


async def _write_anew(response: httpx2.Response) -> None:
    """Put the well-formed answer in the place of the one that comes."""
    path = response.request.url.path
    made = next((FORMATS[end] for end in FORMATS if path.endswith(end)), None)
    if made is None or response.status_code != 200:
        return
    asked = _parsed(response.request.content.decode("utf-8", "replace"))
    if not isinstance(asked, dict) or not asked.get("stream"):
        return
    # The body as it comes, unpacked; what follows is not packed.
    source = httpx2.Response(
        200,
        headers=response.headers,
        stream=response.stream,
        request=response.request,
        extensions=response.extensions,
    )
    kind = response.headers.get("content-type", "")
    for name in ("content-encoding", "content-length"):
        response.headers.pop(name, None)
    response.headers["content-type"] = "text/event-stream"
    response.stream = _Body(
        source, made(asked), is_stream="json" not in kind and "html" not in kind
    )


class _Body(httpx2.AsyncByteStream):
    def __init__(self, source: httpx2.Response, answer: Format, *, is_stream: bool) -> None:
        self._source = source
        self._answer = answer
        self._is_stream = is_stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        events = self._streamed() if self._is_stream else self._in_one_piece()
        async for data in events:
            yield data

    async def aclose(self) -> None:
        await self._source.aclose()

    async def _streamed(self) -> AsyncIterator[bytes]:
        answer, spoke = self._answer, False
        async for event in decoded(self._source.aiter_bytes()):
            data = _parsed(event.data)
            if data is None:
                yield encoded(event.data, UNREADABLE)
                return
            if event.name == "error" or failures.is_report(data):
                yield answer.failure(data)
                return
            for piece in answer.event(event.name, data):
                spoke = True
                yield piece
        if not answer.ended and not spoke:
            yield encoded("nothing that could be read", UNREADABLE)
            return
        if not answer.ended and not (answer.may_end and _says_its_end(self._source)):
            raise httpx2.RemoteProtocolError("incomplete answer: its end was not announced")
        for piece in answer.end():
            yield piece

    async def _in_one_piece(self) -> AsyncIterator[bytes]:
        """From a server that does not stream, and pages of proxies."""
        body = bytearray()
        async for chunk in self._source.aiter_bytes():
            body += chunk
            if len(body) > WHOLE_BYTES:
                break
        text = body.decode("utf-8", "replace")
        data = _parsed(text)
        if not isinstance(data, dict) or failures.is_report(data):
            yield self._answer.failure(text if data is None else data)
            return
        for piece in self._answer.whole(data):
            yield piece
        for piece in self._answer.end():
            yield piece


def _says_its_end(response: httpx2.Response) -> bool:
    """Whether the transport tells a body that is whole from a connection that broke: it does when
    the body's length is announced or it comes in chunks, and in HTTP/2. A body that simply goes on
    until the connection is closed, as in HTTP/1.0, may have broken off anywhere."""
    if response.extensions.get("http_version") == b"HTTP/2":
        return True
    chunked = "chunked" in response.headers.get("transfer-encoding", "").lower()
    return chunked or "content-length" in response.headers


def _parsed(text: str) -> Any:
    """The JSON of an event; its text for the mark of the end, None for what is neither."""
    if text.strip() == "[DONE]":
        return "[DONE]"
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
