"""Answers of the protocol: at once, or awaited with no thread held."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from sandboxes.vercel import errors
from vibe.later import Later

# The clients compare the whole header; a charset would make them refuse the answer.
NDJSON = "application/x-ndjson"


def later(
    request: HttpRequest, make: Callable[[], Awaitable[dict[str, Any] | HttpResponseBase]]
) -> Later:
    """The answer is what `make` returns or what it raises."""

    async def answer() -> HttpResponseBase:
        try:
            found = await make()
        except Exception as error:
            return errors.of(error, request)
        return JsonResponse(found) if isinstance(found, dict) else found

    return Later(answer)


def records(lines: AsyncIterator[dict[str, Any]]) -> StreamingHttpResponse:
    """Newline-delimited JSON, each record as soon as it is there."""

    async def encoded() -> AsyncIterator[str]:
        try:
            async for record in lines:
                yield json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"
        finally:
            if close := getattr(lines, "aclose", None):
                await close()

    return _streamed(encoded(), NDJSON)


def awaited(make: Callable[[], Awaitable[dict[str, Any]]]) -> StreamingHttpResponse:
    """JSON whose headers go out now: clients wait 300 seconds for those, and for the body as long
    as it takes. `make` may no longer fail in a way that a program could react to."""

    async def body() -> AsyncIterator[str]:
        yield json.dumps(await make())

    return _streamed(body(), "application/json")


def _streamed(chunks: AsyncIterator[str], media_type: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(chunks, content_type=media_type)
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response
