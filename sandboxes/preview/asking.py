"""One request to a server in a sandbox, in a form in which it can be sent more than once."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import httpcore

# How servers that speak TLS answer to plain HTTP, where they answer: nginx, Go, Tomcat, Apache.
_ONLY_TLS = re.compile(rb"plain http|to an https|requires tls|ssl-enabled", re.IGNORECASE)
BAD_REQUEST = 400


@dataclass(frozen=True)
class Ask:
    """make: the request for a server that speaks TLS, or not. may_retry: twice does no harm.
    can_repeat: its body is still there."""

    make: Callable[[bool], httpcore.Request]
    may_retry: bool
    can_repeat: Callable[[], bool] = lambda: True


async def only_speaks_tls(response: httpcore.Response) -> tuple[bool, httpcore.Response]:
    """Whether an answer to plain HTTP says that the port takes none; and the same answer, to be
    read from its beginning."""
    if response.status != BAD_REQUEST:
        return False, response
    pieces = response.aiter_stream().__aiter__()
    first = await anext(pieces, b"")

    async def whole() -> AsyncIterator[bytes]:
        yield first
        async for piece in pieces:
            yield piece

    again = httpcore.Response(
        response.status,
        headers=response.headers,
        content=whole(),
        extensions=response.extensions,
    )
    return bool(_ONLY_TLS.search(first[:2048])), again
