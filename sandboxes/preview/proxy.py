"""HTTP between a browser and a server in a sandbox: streamed both ways, nothing kept."""

from __future__ import annotations

import asyncio
import contextlib
import logging

import h11
import httpcore
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope

from sandboxes.preview import (
    access,
    faults,
    headers,
    injection,
    places,
    pools,
    reason_page,
    reasons,
    request,
    upstream,
)
from sandboxes.preview.answer import PROTOCOL_ERRORS, relay_answer
from sandboxes.preview.asking import Ask
from sandboxes.preview.body import ClientGone, RequestBody
from sandboxes.preview.host import Target
from sandboxes.preview.inside import Inside
from sandboxes.preview.request import client_address, request_target, scheme, site_of
from sandboxes.services import asking, crashes, spoken
from vibe.refusal import Refusal
from vibe.shares import Busy

logger = logging.getLogger(__name__)

TOO_LARGE = 431
# Seconds from the end of a server to the row that says how; its output is written before.
END_KNOWN_WITHIN = 2.0
NO_BODY = {b"GET", b"HEAD", b"OPTIONS"}


async def serve(
    scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable, target: Target
) -> None:
    """Answer one request with what the server on `target` answers, or with the reason why not."""
    body = RequestBody(receive)
    answering = asyncio.current_task()
    assert answering is not None
    has_left = False

    def leave(_: asyncio.Task[None]) -> None:
        # The browser's leaving cancels what the sandbox still sends.
        nonlocal has_left
        has_left = True
        answering.cancel()

    leaving = asyncio.ensure_future(body.client_gone())
    leaving.add_done_callback(leave)
    try:
        await _answer(scope, body, send, target)
    except ClientGone:
        return
    except asyncio.CancelledError:
        if not (has_left and answering.uncancel() == 0):
            raise
    finally:
        leaving.remove_done_callback(leave)
        leaving.cancel()


async def _answer(
    scope: HTTPScope, body: RequestBody, send: ASGISendCallable, target: Target
) -> None:
    given = list(scope["headers"])

    async def refuse(reason: reasons.Reason) -> None:
        await reason_page.send_page(reason, given, send, target=target, scheme=scheme(scope))

    known = await access.look_up(target.sandbox_id)
    page = injection.of(scope["method"], given, wanted=known is not None and known.console)
    try:
        ask = await _ask(scope, body, target, page)
    except headers.BadRequest:
        return await refuse(reasons.BAD_REQUEST)
    if known is None or known.status != "running":
        pools.drop(target.sandbox_id)
        return await refuse(reasons.UNKNOWN if known is None else reasons.of_sandbox(known))
    try:
        pool = pools.of(target, known)
        async with places.for_request(known), pool.exchange(ask) as response:
            if response.status < 200:
                raise httpcore.RemoteProtocolError("The server switched protocols unasked.")
            spoken.heard(known.session_id, target.port, http=True)
            faults.seen(known, target, scope["method"], scope["path"], response.status)
            inside = Inside(site_of(scope, target), pool.tls)
            return await relay_answer(response, send, inside, page)
    except pools.TurnedEncrypted:
        reason = reasons.ENCRYPTED
    except Busy:
        reason = reasons.TOO_MANY
    except ConnectionRefusedError:
        spoken.forget(known.session_id, target.port)
        listening = await upstream.listening(known)
        crash = await _crash(known)
        start = None if crash or listening else await _start(known)
        reason = reasons.closed_port(target.port, listening, crash, start)
    except Refusal as error:
        reason = await _why(error, target)
    except upstream.NoConnection:
        reason = reasons.NO_ANSWER
    except httpcore.LocalProtocolError:
        reason = reasons.BAD_REQUEST
    except PROTOCOL_ERRORS as error:
        large = _is_large_head(error)
        reason = reasons.LARGE_HEAD if large else await why_broken(known, target)
    return await refuse(reason)


async def _ask(
    scope: HTTPScope, body: RequestBody, target: Target, page: injection.Page | None
) -> Ask:
    given = list(scope["headers"])
    framing: headers.Headers = []
    length = headers.content_length(given)
    path = request_target(scope)
    has_body = await body.start()
    if length is not None:
        framing.append((b"content-length", str(length).encode()))
    elif has_body:
        framing.append((b"transfer-encoding", b"chunked"))
    method = scope["method"].encode()
    site, client = site_of(scope, target), client_address(scope)

    def make(tls: bool) -> httpcore.Request:
        inside = Inside(site, tls)
        passed = request.passed(given, client=client, inside=inside, method=method)
        if page is not None:
            passed = page.asked(passed)
        return httpcore.Request(
            method,
            httpcore.URL(scheme=b"http", host=b"sandbox", port=80, target=path),
            headers=passed + framing,
            content=body.pieces() if has_body else b"",
        )

    return Ask(make, may_retry=not framing and method in NO_BODY, can_repeat=body.repeatable)


def _is_large_head(error: Exception) -> bool:
    """Whether the head of an answer went over h11's limit, of httpcore's choice."""
    cause = error.__cause__
    return isinstance(cause, h11.RemoteProtocolError) and cause.error_status_hint == TOO_LARGE


async def why_broken(known: access.Access, target: Target) -> reasons.Reason:
    """The reason behind an answer that never came: perhaps the server has ended over it."""
    if target.port in await upstream.listening(known):
        # It goes on, or has been started again.
        spoken.heard(known.session_id, target.port, http=False)
        crash = await _crash(known)
        return reasons.keeps_ending(crash) if crash and crash.times > 1 else reasons.BROKEN
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(END_KNOWN_WITHIN):
            while (crash := await _crash(known)) is None:
                await asyncio.sleep(0.2)
            return reasons.crashed(crash)
    return reasons.BROKEN


async def _crash(known: access.Access) -> crashes.Crash | None:
    try:
        return await asking.ask(known.owner_id, crashes.latest, known.session_id)
    except Busy:
        return None


async def _start(known: access.Access) -> crashes.Start | None:
    try:
        return await asking.ask(known.owner_id, crashes.starting, known.session_id)
    except Busy:
        return None


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
