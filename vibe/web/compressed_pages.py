"""Middleware that compresses pages; what programs read, files and streams go as they are."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class CompressedPages(GZipMiddleware):
    """Django's adds some bytes at random, so that lengths tell nothing of a page's tokens."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        page = response.get("Content-Type", "").startswith("text/html")
        return (
            super().process_response(request, response)
            if page and not response.streaming
            else response
        )
