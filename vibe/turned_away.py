"""The answer to a request that got no thread in time, in the form that its caller reads."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from sandboxes.vercel import errors as protocol
from vibe.api import errors
from vibe.shares import Busy
from vibe.web.partials import notice

# No middleware has seen the request, so what this page may do is said here.
PAGE_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'"


def turned_away(request: HttpRequest, busy: Busy) -> HttpResponse:
    """429 when the caller's own share is full, 503 when all places are taken; never a query."""
    if request.path.startswith("/vercel/"):
        return protocol.of(busy, request)
    if request.path.startswith("/api/"):
        return errors.told(busy)
    status = busy.code.status
    if request.headers.get("HX-Request"):
        # 5xx are not swapped into the page.
        said = notice(busy.message, hint=busy.hint)
        response = HttpResponse(said, status=min(status, 499))
    else:
        page = render_to_string("busy.html", {"busy": busy, "status": status})
        response = HttpResponse(page, status=status)
        response["Content-Security-Policy"] = PAGE_POLICY
    response["Retry-After"] = str(busy.retry_after)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
