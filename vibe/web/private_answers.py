"""What the platform answers is for who asked, and a page may connect to where it came from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase

PRIVATE = "private, no-store"


class PrivateAnswers:
    """Middleware behind the one for static files, which anybody may keep.

    Without it browsers and proxies may show what they kept to who comes next, also after sign-out.
    Pages hold sockets open, so browsers would not keep them for their back button either.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        said = response.get("Cache-Control", "")
        if not {"private", "no-store"} <= {word.strip() for word in said.split(",")}:
            response["Cache-Control"] = PRIVATE
        # Not every browser takes 'self' for sockets too. The host is one of the platform's own.
        scheme = "wss" if request.is_secure() else "ws"
        update = {"connect-src": [f"{scheme}://{request.get_host()}"]}
        cast(Any, response)._csp_update = update
        return response
