"""What a preview shows in place of the app: a page of its own, or JSON."""

from __future__ import annotations

import json

from asgiref.typing import ASGISendCallable
from django.template.loader import render_to_string

from sandboxes.preview.headers import Headers
from sandboxes.preview.host import Site, Target
from sandboxes.preview.page_tokens import tokens
from sandboxes.preview.reasons import Reason


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
    ports = []
    if target:
        site = Site(target, scheme, host)
        ports = [(port, f"{site.address(port)}/") for port in reason.ports]
    context = {
        "reason": reason,
        "ports": ports,
        "tokens": tokens(),
    }
    return render_to_string("preview/reason.html", context).encode()
