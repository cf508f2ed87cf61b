"""The page before an app that anybody may have made: whose it is, and that it is not Vibe."""

from __future__ import annotations

from urllib.parse import urlencode

from asgiref.typing import ASGISendCallable, HTTPScope
from django.template.loader import render_to_string

from sandboxes.preview.access import Access
from sandboxes.preview.headers import BadRequest
from sandboxes.preview.host import Target
from sandboxes.preview.page_tokens import tokens
from sandboxes.preview.request import request_target, site_of
from sandboxes.services.preview_access import GO_ON

POLICY = b"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


async def send_page(
    scope: HTTPScope, send: ASGISendCallable, known: Access, target: Target
) -> None:
    """Once in each browser and for each preview; its button leads on to what was asked for."""
    try:
        to = request_target(scope).decode("ascii") if scope["method"] in ("GET", "HEAD") else "/"
    except BadRequest:
        to = "/"
    context = {
        "owner": known.owner,
        "host": site_of(scope, target).host,
        "action": f"{GO_ON}?{urlencode({'to': to})}",
        "tokens": tokens(),
    }
    body = render_to_string("preview/first_visit.html", context).encode()
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [
                (b"content-type", b"text/html; charset=utf-8"),
                (b"content-length", str(len(body)).encode()),
                (b"cache-control", b"no-store"),
                (b"content-security-policy", POLICY),
                (b"referrer-policy", b"same-origin"),
                (b"x-content-type-options", b"nosniff"),
                (b"x-robots-tag", b"noindex"),
            ],
            "trailers": False,
        }
    )
    await send({"type": "http.response.body", "body": body, "more_body": False})
