"""Requests for hosts that are not the platform's end here, with a sentence and not a traceback."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

logger = logging.getLogger("django.security.DisallowedHost")
SHOWN = 100
TOLD = """\
The platform does not answer to this host name.
Whoever runs it adds names by the setting VIBE_ALLOWED_HOSTS.
"""


class KnownHost:
    """Middleware, the first of all: what comes after may ask for the host without a care."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            request.get_host()
        except DisallowedHost:
            asked = request.META.get("HTTP_HOST", "")[:SHOWN]
            logger.info("Turned away a request for the host %r, which is not ours.", asked)
            return HttpResponse(TOLD, status=400, content_type="text/plain; charset=utf-8")
        return self.get_response(request)
