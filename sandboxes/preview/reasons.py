"""What a preview shows in place of the app: why, and what to do. A page of its own, or JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass

from asgiref.typing import ASGISendCallable
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.text import capfirst

from sandboxes.engine.ports import IN_WORDS
from sandboxes.preview.access import Access
from sandboxes.preview.headers import Headers
from sandboxes.preview.host import Site, Target
from sandboxes.preview.page_tokens import tokens
from sandboxes.services.crashes import Crash, Start

LONGEST_COMMAND = 120  # characters of it on a page


@dataclass(frozen=True)
class Reason:
    """Why there is no preview. `reload`: seconds after which the page asks again (0: never)."""

    status: int
    code: str
    title: str
    hint: str
    reload: int = 0
    ports: tuple[int, ...] = ()
    lines: tuple[str, ...] = ()  # of a log
    link: tuple[str, str] = ("", "")  # address, words


BAD_HOST = Reason(
    404,
    "not_found",
    "There is no preview at this address",
    f"A preview's address is PORT-SANDBOX before the domain; there are {IN_WORDS}. "
    "Open the preview from the workbench.",
)
BAD_REQUEST = Reason(
    400,
    "invalid",
    "This request cannot be passed on",
    "Its length is given in more than one way, or its path is not a path.",
)
TOO_MANY = Reason(
    503,
    "limit",
    "This sandbox is busy",
    "Too many requests to it are under way at once. The page tries again by itself.",
    reload=2,
)
NO_ANSWER = Reason(
    504,
    "timeout",
    "The sandbox does not answer",
    "It is said to run, but could not be reached in time. The page tries again by itself.",
    reload=2,
)
BROKEN = Reason(
    502,
    "bad_response",
    "The server gave no proper answer",
    "It listens, but it closed the connection or did not speak HTTP. Its log says more.",
)
LARGE_HEAD = Reason(
    502,
    "bad_response",
    "The server's headers are too large",
    "Its answer begins with more than 100 KiB of headers, which no browser takes. Mostly these are "
    "cookies or links that are set again and again.",
)
ENCRYPTED = Reason(
    503,
    "unavailable",
    "The server speaks TLS",
    "That was not known before this request, which is too large to be sent twice. Send it again.",
)
UNKNOWN = Reason(
    404,
    "not_found",
    "There is no such sandbox",
    "It was deleted, or the address is not complete.",
)


def of_sandbox(access: Access) -> Reason:
    """Why a sandbox that does not run shows nothing."""
    link = (
        f"{settings.PUBLIC_URL.rstrip('/')}/sandboxes/{access.sandbox_id}/",
        "Open the sandbox",
    )
    if access.status == "pending":
        return Reason(
            503,
            "not_running",
            f"The sandbox {access.name} is starting",
            "The page opens by itself when it runs.",
            reload=1,
        )
    if access.status == "failed":
        return Reason(
            503,
            "not_running",
            f"The sandbox {access.name} could not start",
            access.error or "Its page says more.",
            link=link,
        )
    return Reason(
        410,
        "not_running",
        f"The sandbox {access.name} is stopped",
        f"{capfirst(access.why)}. Its files are kept: resume it, and start the server again.",
        reload=5,
        link=link,
    )


def closed_port(
    port: int, listening: tuple[int, ...], crash: Crash | None = None, start: Start | None = None
) -> Reason:
    """Nothing listens on the port that was asked for, perhaps not yet. crash: what ended lately.
    start: what runs and listens nowhere."""
    if crash and crash.times > 1:
        return keeps_ending(crash)
    hint = "The page opens by itself as soon as a server listens there."
    if crash:
        hint = f"{_ended(crash)} {hint}"
    elif start:
        hint = f"“{start.line[:LONGEST_COMMAND]}” is running; this is what it said last. {hint}"
    if listening:
        hint += " These ports have one:"
    return Reason(
        502,
        "port_closed",
        f"Nothing is listening on port {port} yet",
        hint,
        reload=2,
        ports=listening,
        lines=crash.lines if crash else start.lines if start else (),
    )


def crashed(crash: Crash) -> Reason:
    """The server ended while it should have answered."""
    if crash.times > 1:
        return keeps_ending(crash)
    hint = f"{_ended(crash)} Mend it and start it again."
    return Reason(502, "crashed", "The server ended before it answered", hint, lines=crash.lines)


def keeps_ending(crash: Crash) -> Reason:
    """A server that is started again and again. One page for its every state: it listens, it
    breaks off, nothing listens."""
    return Reason(
        502,
        "crashed",
        "A server keeps ending",
        f"{_ended(crash)} That was {crash.times} times within a minute. The page tries again by "
        "itself.",
        reload=5,
        lines=crash.lines,
    )


def _ended(crash: Crash) -> str:
    return f"“{crash.line[:LONGEST_COMMAND]}” {crash.outcome}."


def wants_json(headers: Headers) -> bool:
    accept = b",".join(value for name, value in headers if name.lower() == b"accept").lower()
    return b"application/json" in accept and b"text/html" not in accept


def page(
    reason: Reason, headers: Headers, target: Target | None = None, scheme: str = "http"
) -> tuple[int, Headers, bytes]:
    """Status, headers and body that answer a request with `reason`; `headers` are the request's."""
    if wants_json(headers):
        kind, body = b"application/json", _json(reason)
    else:
        host = next((v.decode("latin-1") for n, v in headers if n.lower() == b"host"), "")
        kind, body = b"text/html; charset=utf-8", _html(reason, target, scheme, host)
    told = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'"),
        (b"referrer-policy", b"same-origin"),
        (b"x-content-type-options", b"nosniff"),
        (b"x-robots-tag", b"noindex"),
        *([(b"retry-after", str(reason.reload).encode())] if reason.reload else []),
    ]
    return reason.status, told, body


async def send_page(
    reason: Reason,
    headers: Headers,
    send: ASGISendCallable,
    *,
    target: Target | None = None,
    scheme: str = "http",
) -> None:
    """Answer a request with `reason`, as of `page`."""
    status, told, body = page(reason, headers, target, scheme)
    await send(
        {"type": "http.response.start", "status": status, "headers": told, "trailers": False}
    )
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _json(reason: Reason) -> bytes:
    error: dict[str, object] = {
        "code": reason.code,
        "message": f"{reason.title}.",
        "hint": reason.hint,
    }
    if reason.code == "port_closed":
        error["ports"] = list(reason.ports)
    if reason.lines:
        error["lines"] = list(reason.lines)
    return json.dumps({"error": error}).encode()


def _html(reason: Reason, target: Target | None, scheme: str, host: str) -> bytes:
    address, words = reason.link
    ports = []
    if target:
        site = Site(target, scheme, host)
        ports = [(port, f"{site.address(port)}/") for port in reason.ports]
    context = {
        "reason": reason,
        "ports": ports,
        "link": address,
        "words": words,
        "tokens": tokens(),
    }
    return render_to_string("preview/reason.html", context).encode()
