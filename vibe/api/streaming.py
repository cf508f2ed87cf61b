"""Answers that go on: newline-delimited JSON and server-sent events."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from typing import Any

from django.http import StreamingHttpResponse

from vibe.accounts.held_responses import about
from vibe.accounts.services.rights import Loss, Subject
from vibe.api.errors import body

logger = logging.getLogger("vibe.api")

NDJSON = "application/x-ndjson"
SSE = "text/event-stream"
_BROKEN = body("internal", "The stream broke off.", "Ask again from the last cursor.")


def line(item: dict[str, Any]) -> str:
    """One line of NDJSON."""
    return json.dumps(item, ensure_ascii=False, separators=(",", ":")) + "\n"


def event(item: dict[str, Any], *, cursor: int | None = None) -> str:
    """One server-sent event; its name is the item's type, its id the cursor to resume after."""
    head = "" if cursor is None else f"id: {cursor}\n"
    # JSON escapes line ends, so the data is always one line.
    return f"{head}event: {item['type']}\ndata: {json.dumps(item, ensure_ascii=False)}\n\n"


def respond(chunks: AsyncIterator[str], media_type: str, subject: Subject) -> StreamingHttpResponse:
    """Send `chunks` about `subject` as they come; a failure in between ends with a line that says
    so, and so does the end of the caller's right."""
    response = StreamingHttpResponse(_guarded(chunks, media_type), content_type=media_type)
    response["Cache-Control"] = "private, no-store"
    response["X-Accel-Buffering"] = "no"
    return about(response, subject, lambda loss: _lost(loss, media_type))


def _lost(loss: Loss, media_type: str) -> str:
    return _last(body(loss.code, loss.message, loss.hint), media_type)


def _last(error: dict[str, Any], media_type: str) -> str:
    return event({"type": "error", **error}) if media_type == SSE else line(error)


async def _guarded(chunks: AsyncIterator[str], media_type: str) -> AsyncIterator[str]:
    try:
        async for chunk in chunks:
            yield chunk
    except Exception:
        logger.exception("a stream of %s broke", media_type)
        yield _last(_BROKEN, media_type)
    finally:
        close = getattr(chunks, "aclose", None)
        if close is not None:
            await close()
