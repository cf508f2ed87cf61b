"""The owner opens the preview of a sandbox that is stopped: it starts, and its servers with it.

It does at once when a person has opened the page. What a page does by itself brings a button: else
a tab that was left open would start again what its owner has just stopped, and any page could
start it.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode

from asgiref.typing import ASGISendCallable, HTTPScope, WebSocketScope

from sandboxes.models import Sandbox
from sandboxes.preview import access, door, reason_page, reasons, refusals
from sandboxes.preview.access import Access
from sandboxes.preview.entry import opens_a_page
from sandboxes.preview.headers import BadRequest
from sandboxes.preview.host import Target
from sandboxes.preview.reasons import Reason
from sandboxes.preview.request import is_own_form, request_target, scheme
from sandboxes.services import asking, servers
from sandboxes.services.preview_access import WAKE
from vibe.refusal import Refusal
from vibe.shares import Busy


async def asked(scope: HTTPScope | WebSocketScope, known: Access, is_owner: bool) -> Access | None:
    """What holds of the sandbox, where a request of somebody who may enter is answered here."""
    if scope["type"] != "http":
        return None
    if scope["path"] == WAKE:
        return known
    if not (is_owner and opens_a_page(scope)):
        return None
    if known.status != "stopped" and _is_by_a_person(scope):
        # What was known may be a moment old, and a person opens it once.
        access.forget(known.sandbox_id)
        known = await access.look_up(known.sandbox_id) or known
    return known if known.status == "stopped" else None


async def serve(
    scope: HTTPScope, send: ASGISendCallable, known: Access, target: Target, is_owner: bool
) -> None:
    """Start the sandbox if its owner asks for that, and say so; or offer the button for it."""
    if scope["path"] == WAKE:
        return await _serve_the_button(scope, send, known, target, is_owner)
    wake = f"{WAKE}?{urlencode({'to': _path(scope)})}"
    reason = reasons.stopped(known, wake)
    if _is_by_a_person(scope):
        reason = await _start(known, wake) or reasons.waking(known)
    return await _say(reason, scope, send, target)


async def _serve_the_button(
    scope: HTTPScope, send: ASGISendCallable, known: Access, target: Target, is_owner: bool
) -> None:
    if not (is_owner and is_own_form(scope, target)):
        return await _say(refusals.FOREIGN_FORM, scope, send, target)
    to = parse_qs(scope["query_string"].decode("latin-1")).get("to", ["/"])[0]
    if known.status == "stopped":
        why_not = await _start(known, f"{WAKE}?{urlencode({'to': to})}")
        if why_not:
            return await _say(why_not, scope, send, target)
    return await door.lead(scope, send, target, to, [])


async def _start(known: Access, wake: str) -> Reason | None:
    """Have it started; why that cannot be, or None."""
    try:
        await asking.ask(known.owner_id, _resume, known.sandbox_id)
    except Busy:
        return reasons.TOO_MANY
    except Refusal as error:
        return reasons.not_started(known, error, wake)
    finally:
        access.forget(known.sandbox_id)
    return None


def _resume(sandbox_id: str) -> None:
    stopped = Sandbox.objects.filter(
        pk=sandbox_id, deleted_at=None, status=Sandbox.Status.STOPPED
    ).select_related("owner")
    # Of two pages that are opened at once, one finds it started.
    if (sandbox := stopped.first()) is not None:
        servers.resume(sandbox, by=sandbox.owner)


async def _say(reason: Reason, scope: HTTPScope, send: ASGISendCallable, target: Target) -> None:
    given = list(scope["headers"])
    await reason_page.send_page(reason, given, send, target=target, scheme=scheme(scope))


def _is_by_a_person(scope: HTTPScope) -> bool:
    """Whether somebody has pressed or typed something for this page, as browsers say it. W3C,
    Fetch Metadata Request Headers, Sec-Fetch-User.

    For some seconds after a press they say so of what the preview's own pages do by themselves too.
    """
    said = dict(scope["headers"])
    in_a_tab = scope["method"] == "GET" and said.get(b"sec-fetch-dest") == b"document"
    from_elsewhere = said.get(b"sec-fetch-site") not in (None, b"same-origin")
    return in_a_tab and from_elsewhere and said.get(b"sec-fetch-user") == b"?1"


def _path(scope: HTTPScope) -> str:
    try:
        return request_target(scope).decode("ascii")
    except BadRequest:
        return "/"
