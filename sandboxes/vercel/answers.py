"""Answers of the protocol: at once, or awaited with no thread held."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from sandboxes.services import finding
from sandboxes.vercel import errors
from vibe.accounts.held_responses import about
from vibe.accounts.services.rights import Loss
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

    return Later(answer, lambda refusal: errors.of(refusal, request))


def records(lines: AsyncIterator[dict[str, Any]], sandbox_id: str) -> StreamingHttpResponse:
    """Newline-delimited JSON about a sandbox, each record as soon as it is there."""

    async def encoded() -> AsyncIterator[str]:
        try:
            async for record in lines:
                yield json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"
        finally:
            if close := getattr(lines, "aclose", None):
                await close()

    return _streamed(encoded(), NDJSON, sandbox_id)


def awaited(
    make: Callable[[], Awaitable[dict[str, Any]]], sandbox_id: str
) -> StreamingHttpResponse:
    """JSON whose headers go out now: clients wait 300 seconds for those, and for the body as long
    as it takes. `make` may no longer fail in a way that a program could react to."""

    async def body() -> AsyncIterator[str]:
        yield ""  # sends the headers off
        yield json.dumps(await make())

    return _streamed(body(), "application/json", sandbox_id)


def _streamed(
    chunks: AsyncIterator[str], media_type: str, sandbox_id: str
) -> StreamingHttpResponse:
    response = StreamingHttpResponse(chunks, content_type=media_type)
    about(response, finding.subject(sandbox_id), _lost)
    response["Cache-Control"] = "private, no-store"
    response["X-Accel-Buffering"] = "no"
    return response


def _lost(loss: Loss) -> str:
    """The last record of a stream, as an error of the protocol and of the native API alike."""
    told = {"code": loss.code, "message": f"{loss.message} {loss.hint}"}
    return json.dumps({"stream": "error", "data": told, "error": told}) + "\n"
