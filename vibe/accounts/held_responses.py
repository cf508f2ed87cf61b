"""What a streamed response rests on, and how it ends when that is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar, cast

from django.http.response import HttpResponseBase

from vibe.accounts.services.rights import Held, Loss, Right, Subject

Response = TypeVar("Response", bound=HttpResponseBase)
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
# A client that does not read is not waited for longer.
LAST_WORDS_SECONDS = 0.5


def about(
    response: Response, subject: Subject, tell: Callable[[Loss], str] | None = None
) -> Response:
    """The response, which ends when `subject` is deleted or no longer its user's.

    `tell` words the end of a response that can say it; any other is cut.
    """
    kept = cast(Any, response)
    kept.subject = subject
    kept.tell_loss = tell
    return response


def hold(response: HttpResponseBase, right: Right | None) -> None:
    """Note what the response rests on, for when it is sent."""
    cast(Any, response).right = right


def held_by(response: HttpResponseBase) -> Held:
    return getattr(response, "right", None), getattr(response, "subject", None)


def last_words(response: HttpResponseBase, loss: Loss) -> bytes | None:
    """What a response says at its end when its right is lost; None: it is cut."""
    tell: Callable[[Loss], str] | None = getattr(response, "tell_loss", None)
    return None if tell is None else tell(loss).encode()


class NotingSend:
    """A `send` of ASGI that knows whether a line is unfinished."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._line_is_open = False

    async def __call__(self, event: Mapping[str, Any]) -> None:
        if body := event.get("body"):
            self._line_is_open = not body.endswith(b"\n")
        await self._send(event)

    async def end(self, words: bytes | None) -> bool:
        """Complete the response with these words; False when there are none or nobody reads."""
        if words is None:
            return False
        body = b"\n" + words if self._line_is_open else words
        try:
            async with asyncio.timeout(LAST_WORDS_SECONDS):
                await self._send({"type": "http.response.body", "body": body, "more_body": False})
        except TimeoutError:
            return False
        return True
