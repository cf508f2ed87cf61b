"""HTTP between a browser and a server in a sandbox: streamed both ways, nothing kept."""

from __future__ import annotations

import asyncio
import logging

import httpcore
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope

from sandboxes.preview import access, headers, pools, reasons, upstream
from sandboxes.preview.body import ClientGone, RequestBody
from sandboxes.preview.host import Site, Target
from sandboxes.preview.request import client_address, request_target, scheme
from vibe.refusal import Refusal
from vibe.shares import Busy
from vibe.web import daphne_seam

logger = logging.getLogger(__name__)

NO_BODY = {b"GET", b"HEAD", b"OPTIONS"}
PROTOCOL_ERRORS = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException)


async def serve(
    scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable, target: Target
) -> None:
    """Answer one request with what the server on `target` answers, or with the reason why not."""
    body = RequestBody(receive)
    exchange = asyncio.ensure_future(_answer(scope, body, send, target))
    leaving = asyncio.ensure_future(body.client_gone())
    try:
        await asyncio.wait({exchange, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        # The browser's leaving cancels what the sandbox still sends.
        for task in (exchange, leaving):
            task.cancel()
        await asyncio.wait({exchange, leaving})
    if not exchange.cancelled() and (error := exchange.exception()) is not None:
        if isinstance(error, ClientGone):
            return
        raise error


async def _answer(
    scope: HTTPScope, body: RequestBody, send: ASGISendCallable, target: Target
) -> None:
    given = list(scope["headers"])

    async def refuse(reason: reasons.Reason) -> None:
        await reasons.send_page(reason, given, send, target=target, scheme=scheme(scope))

    try:
        request = await _request(scope, body)
    except headers.BadRequest:
        return await refuse(reasons.BAD_REQUEST)
    known = await access.look_up(target.sandbox_id)
    if known is None or known.status != "running":
        pools.drop(target.sandbox_id)
        return await refuse(reasons.UNKNOWN if known is None else reasons.of_sandbox(known))
    try:
        async with (
            pools.slot(target.sandbox_id),
            pools.of(target, known).exchange(request, may_retry=not _has_body(request)) as response,
        ):
            if response.status < 200:
                raise httpcore.RemoteProtocolError("The server switched protocols unasked.")
            return await _relay(response, send, _site(scope, target))
    except Busy:
        reason = reasons.TOO_MANY
    except ConnectionRefusedError:
        listening = await upstream.listening(known)
        reason = reasons.closed_port(target.port, listening)
    except Refusal as error:
        reason = await _why(error, target)
    except upstream.NoConnection:
        reason = reasons.NO_ANSWER
    except httpcore.LocalProtocolError:
        reason = reasons.BAD_REQUEST
    except PROTOCOL_ERRORS:
        reason = reasons.BROKEN
    return await refuse(reason)


async def _request(scope: HTTPScope, body: RequestBody) -> httpcore.Request:
    given = list(scope["headers"])
    length = headers.content_length(given)
    path = request_target(scope)
    passed = headers.for_sandbox(given, client=client_address(scope), scheme=scheme(scope))
    has_body = await body.start()
    if length is not None:
        passed.append((b"content-length", str(length).encode()))
    elif has_body:
        passed.append((b"transfer-encoding", b"chunked"))
    return httpcore.Request(
        scope["method"].encode(),
        httpcore.URL(scheme=b"http", host=b"sandbox", port=80, target=path),
        headers=passed,
        content=body.pieces() if has_body else b"",
    )


def _has_body(request: httpcore.Request) -> bool:
    framing = {name for name, _ in request.headers} & {b"content-length", b"transfer-encoding"}
    return bool(framing) or request.method not in NO_BODY


async def _relay(response: httpcore.Response, send: ASGISendCallable, site: Site) -> None:
    with daphne_seam.flow_control(send) as sending:
        await sending(
            {
                "type": "http.response.start",
                "status": response.status,
                "headers": headers.for_browser(response.headers, site),
                "trailers": False,
            }
        )
        # An empty piece sends the headers off: an event stream is open before its first event.
        await sending({"type": "http.response.body", "body": b"", "more_body": True})
        try:
            async for piece in response.aiter_stream():
                await sending({"type": "http.response.body", "body": piece, "more_body": True})
        except PROTOCOL_ERRORS as error:
            if daphne_seam.cut(send):
                return
            # What the server cannot be told otherwise; it cuts the response.
            raise BrokenResponse from error
        await sending({"type": "http.response.body", "body": b"", "more_body": False})


def _site(scope: HTTPScope, target: Target) -> Site:
    named = next(value for name, value in scope["headers"] if name == b"host")
    return Site(target, scheme(scope), named.decode("latin-1"))


class BrokenResponse(Exception):
    """The previewed server ended in the middle of its answer."""


async def _why(error: Refusal, target: Target) -> reasons.Reason:
    """The reason behind a refused connection; what was known of the sandbox is out of date."""
    access.forget(target.sandbox_id)
    pools.drop(target.sandbox_id)
    known = await access.look_up(target.sandbox_id)
    if known is None or error.code == "not_found":
        return reasons.UNKNOWN
    if known.status == "running":
        return reasons.NO_ANSWER
    return reasons.of_sandbox(known)
