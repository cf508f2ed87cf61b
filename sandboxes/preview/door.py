"""The platform's own addresses at a preview's host: in by a ticket, in by a link, on after a word.

Each ends in a redirect to an address of the app, so that neither a ticket nor the secret of a link
stays in the address bar, in the history, or in what is told to other pages.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import replace
from hashlib import sha256
from urllib.parse import parse_qs, urlencode

from asgiref.typing import ASGISendCallable, HTTPScope
from django.conf import settings

from sandboxes.preview import entry_cookies, reason_page, refusals
from sandboxes.preview.access import Access
from sandboxes.preview.entry_cookies import DOOR, ENTRY, SEEN
from sandboxes.preview.headers import BadRequest, Headers
from sandboxes.preview.host import Target
from sandboxes.preview.reasons import Reason
from sandboxes.preview.request import is_own_form, request_target, scheme, site_of
from sandboxes.services import preview_access
from sandboxes.services.preview_access import ENTER, GO_ON, LINK
from vibe.data.database import in_thread
from vibe.web.own_origin import PREVIEW_ENTRY

DOOR_SECONDS = 900
SEEN_SECONDS = 90 * 86_400
LONGEST = 4000
_PATH = re.compile(r"/[\x21-\x7e]*")
_NONCE = re.compile(r"[A-Za-z0-9_-]{32}")


def is_asked(scope: HTTPScope) -> bool:
    return scope["path"] in (ENTER, GO_ON) or scope["path"].startswith(LINK)


async def serve(scope: HTTPScope, send: ASGISendCallable, known: Access, target: Target) -> None:
    """Answer a request to one of these addresses."""
    asked = {name: values[0] for name, values in parse_qs(_text(scope["query_string"])).items()}
    to = asked.get("to", "/")
    if scope["path"] == GO_ON:
        return await _go_on(scope, send, target, to)
    if scope["method"] != "GET":
        return await _refuse(scope, send, target, refusals.FOREIGN_FORM)
    if scope["path"] == ENTER:
        return await _enter(scope, send, known, target, asked)
    word = scope["path"].removeprefix(LINK)
    rule = known.rule(target.port)
    if rule.is_open:
        return await lead(scope, send, target, to, [])
    kept = await in_thread(
        preview_access.enter_by_link, target.sandbox_id, target.port, known.owner_id, rule, word
    )
    if kept is None:
        return await _refuse(scope, send, target, refusals.DEAD_LINK)
    return await lead(scope, send, target, to, [entry_cookies.written(scope, ENTRY, kept)])


async def ask_the_platform(scope: HTTPScope, send: ASGISendCallable, target: Target) -> None:
    """Lead a browser through the platform, which gives it a ticket back if somebody is signed in
    there who may enter. What it has of ours, it keeps: it may open several pages at once."""
    nonce = entry_cookies.value(scope, list(scope["headers"]), DOOR)
    cookies = []
    if not _NONCE.fullmatch(nonce):
        nonce = secrets.token_urlsafe(24)
        cookies = [entry_cookies.written(scope, DOOR, nonce, DOOR_SECONDS)]
    site = site_of(scope, target)
    _, colon, port = site.host.partition(":")
    try:
        to = request_target(scope).decode("ascii")
    except BadRequest:
        to = "/"
    asked = {
        "sandbox": target.sandbox_id,
        "port": target.port,
        "state": _state(nonce),
        "to": to if len(to) <= LONGEST else "/",
    }
    where = f"{site.scheme}://{settings.PUBLIC_HOST}{colon}{port}{PREVIEW_ENTRY}"
    # No policy here: the platform is told which page the frame is in, and looks at that.
    await _redirect(send, f"{where}?{urlencode(asked)}", cookies, [])


async def _enter(
    scope: HTTPScope, send: ASGISendCallable, known: Access, target: Target, asked: dict[str, str]
) -> None:
    if told := refusals.TOLD_BY_THE_PLATFORM.get(asked.get("refused", "")):
        return await _refuse(scope, send, target, told)
    nonce = entry_cookies.value(scope, list(scope["headers"]), DOOR)
    kept = await in_thread(
        preview_access.enter,
        target.sandbox_id,
        target.port,
        known.owner_id,
        known.rule(target.port),
        asked.get("ticket", ""),
        _state(nonce) if nonce else "",
    )
    to = asked.get("to", "/")
    if kept is None:
        again = (_inside(to), "Open the preview again")
        return await _refuse(scope, send, target, replace(refusals.USED_UP, link=again))
    return await lead(scope, send, target, to, [entry_cookies.written(scope, ENTRY, kept)])


async def _go_on(scope: HTTPScope, send: ASGISendCallable, target: Target, to: str) -> None:
    """Somebody has read whose app it is. Another page cannot say so for him."""
    if not is_own_form(scope, target):
        return await _refuse(scope, send, target, refusals.FOREIGN_FORM)
    seen = entry_cookies.written(scope, SEEN, refusals.mark(target), SEEN_SECONDS)
    return await lead(scope, send, target, to, [seen])


async def lead(
    scope: HTTPScope, send: ASGISendCallable, target: Target, to: str, cookies: list[bytes]
) -> None:
    """On to an address of the app; to: what was asked for."""
    place = site_of(scope, target).address(target.port) + _inside(to)
    # The frame's page is told on: without it the app's address would seem asked for by a stranger.
    await _redirect(send, place, cookies, [(b"referrer-policy", b"origin")])


def _inside(to: str) -> str:
    """A path of the app, whatever was asked for."""
    return to if len(to) <= LONGEST and _PATH.fullmatch(to) else "/"


def _state(nonce: str) -> str:
    return sha256(nonce.encode("latin-1")).hexdigest()


async def _refuse(scope: HTTPScope, send: ASGISendCallable, target: Target, reason: Reason) -> None:
    await reason_page.send_page(
        reason, list(scope["headers"]), send, target=target, scheme=scheme(scope)
    )


async def _redirect(
    send: ASGISendCallable, place: str, cookies: list[bytes], more: Headers
) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": 303,
            "headers": [
                (b"location", place.encode("latin-1")),
                (b"content-length", b"0"),
                (b"cache-control", b"no-store"),
                (b"x-robots-tag", b"noindex"),
                *((b"set-cookie", cookie) for cookie in cookies),
                *more,
            ],
            "trailers": False,
        }
    )
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _text(query: bytes) -> str:
    return query.decode("latin-1")
