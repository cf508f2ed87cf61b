"""The answer of a server in a sandbox on its way to the browser."""

from __future__ import annotations

import httpcore
from asgiref.typing import ASGISendCallable

from sandboxes.preview import headers, pouring
from sandboxes.preview.injection import Page
from sandboxes.preview.inside import Inside
from sandboxes.preview.own_links import OwnLinks
from sandboxes.preview.upstream import SocketStream
from vibe.web import daphne_seam

PROTOCOL_ERRORS = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException)


class BrokenResponse(Exception):
    """The previewed server ended in the middle of its answer."""


def as_passed(
    status: int, given: headers.Headers, inside: Inside
) -> tuple[headers.Headers, OwnLinks | None]:
    """The headers of an answer as the browser gets them, and what its body has to pass through;
    None where that stays as it is. inside: how the server was asked."""
    links = OwnLinks.of(inside, status, given)
    passed = headers.for_browser(given, inside.site, status)
    if links:
        passed = [(name, value) for name, value in passed if name != b"content-length"]
    return passed, links


async def relay_answer(
    response: httpcore.Response, send: ASGISendCallable, inside: Inside, page: Page | None = None
) -> None:
    """Send the browser what the server answers, as it comes. inside: how it was asked. page: what
    was asked for, if it may be one."""
    passed, links = as_passed(response.status, response.headers, inside)
    stream, added = response.aiter_stream(), False
    if page is not None:
        before = stream
        passed, stream = await page.answered(response.status, passed, before)
        added = stream is not before
    has_length = any(name == b"content-length" for name, _ in passed)
    with daphne_seam.flow_control(send) as sending:
        await sending(
            {
                "type": "http.response.start",
                "status": response.status,
                "headers": passed,
                "trailers": False,
            }
        )
        if not has_length:
            # An empty piece sends the headers off: an event stream is open before its first event.
            await sending({"type": "http.response.body", "body": b"", "more_body": True})
        try:
            if links is None and not added and (size := _long(response)):
                await _download(response, sending, send, size)
            else:
                async for piece in stream:
                    ready = links.feed(piece) if links else piece
                    await sending({"type": "http.response.body", "body": ready, "more_body": True})
        except (*PROTOCOL_ERRORS, pouring.Ended) as error:
            if daphne_seam.cut(send):
                return
            # What the server cannot be told otherwise; it cuts the response.
            raise BrokenResponse from error
        last = links.end() if links else b""
        await sending({"type": "http.response.body", "body": last, "more_body": False})


def _long(response: httpcore.Response) -> int:
    """The length of an answer that is long enough to be poured; else 0."""
    said = [value for name, value in response.headers if name.lower() == b"content-length"]
    size = int(said[0]) if len(said) == 1 else 0
    return size if size >= pouring.WORTH else 0


async def _download(
    response: httpcore.Response, sending: ASGISendCallable, send: ASGISendCallable, size: int
) -> None:
    """Pass on what has been read already, and let the kernel move the rest."""
    stream: SocketStream = response.extensions["network_stream"]
    pours = True
    async for piece in response.aiter_stream():
        await sending({"type": "http.response.body", "body": piece, "more_body": True})
        size -= len(piece)
        if pours and size and (source := stream.drained()) is not None:
            sink = await daphne_seam.emptied_socket(send)
            if sink is not None:
                return await pouring.pour(source, sink, size)
            pours = False
            stream.resume()
    return None
