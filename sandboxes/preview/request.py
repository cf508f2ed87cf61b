"""What a request's scope says, in the form in which it is passed on."""

from __future__ import annotations

import re
from urllib.parse import quote

from asgiref.typing import HTTPScope, WebSocketScope
from django.conf import settings

from sandboxes.preview.headers import BadRequest, Headers, for_sandbox
from sandboxes.preview.host import Site, Target
from sandboxes.preview.inside import Inside
from sandboxes.preview.own_links import asked_plain

_TARGET = re.compile(rb"/[\x21-\x7e]*")


def request_target(scope: HTTPScope | WebSocketScope) -> bytes:
    """Path and query exactly as the browser sent them; BadRequest when it is not a path."""
    path = scope.get("raw_path") or quote(scope["path"]).encode()
    query = scope["query_string"]
    target = path + (b"?" + query if query else b"")
    if not _TARGET.fullmatch(target):
        raise BadRequest
    return target


def client_address(scope: HTTPScope | WebSocketScope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


def scheme(scope: HTTPScope | WebSocketScope) -> str:
    """http or https, as the browser sees it: TLS may end before this process."""
    return scheme_of(scope.get("scheme") or "http")


def scheme_of(last: str) -> str:
    """The same, by the scheme of the last part of the way."""
    return "https" if settings.HTTPS or last in ("https", "wss") else "http"


def passed(given: Headers, *, client: str, inside: Inside, method: bytes) -> Headers:
    """The headers of a request as the server gets them, without those of framing."""
    return asked_plain(for_sandbox(given, client=client, inside=inside, method=method), inside)


def site_of(scope: HTTPScope | WebSocketScope, target: Target) -> Site:
    """The preview that was asked, by the name by which its browser knows it."""
    named = next(value for name, value in scope["headers"] if name == b"host")
    return Site(target, scheme(scope), named.decode("latin-1"))


def is_own_form(scope: HTTPScope, target: Target) -> bool:
    """Whether a page of this preview posts it, and no other page in its place."""
    said = dict(scope["headers"])
    own = site_of(scope, target).address(target.port).encode("latin-1")
    from_here = said.get(b"sec-fetch-site", b"same-origin") == b"same-origin"
    return scope["method"] == "POST" and said.get(b"origin", b"").lower() == own and from_here
