"""Middleware that answers for the files of `kept_files`."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from vibe.web import kept_files

FOR_GOOD = "public, max-age=31536000, immutable"
# A page from before an update asks for what it knew; it gets what there is, for this once.
ONCE = "no-store"


class KeptAnswers:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if request.method not in {"GET", "HEAD"} or not path.startswith(kept_files.PREFIX):
            return self.get_response(request)
        digest, _, name = path.removeprefix(kept_files.PREFIX).partition("/")
        kept = kept_files.find(name)
        if kept is None:
            return self.get_response(request)
        small = "gzip" in request.headers.get("Accept-Encoding", "")
        body = kept.compressed if small else kept.body
        response = HttpResponse(
            b"" if request.method == "HEAD" else body, content_type=kept.content_type
        )
        response["Content-Length"] = str(len(body))
        response["Cache-Control"] = FOR_GOOD if digest == kept.digest else ONCE
        if small:
            response["Content-Encoding"] = "gzip"
        patch_vary_headers(response, ["Accept-Encoding"])
        return response
