"""A page of ours at each preview's address, which the workbench puts beside the app's frame.

A page may not reload a frame of another origin, nor see where it has got to. One of the same origin
may: it reloads the app as its own button would, so that path and scroll stay, and tells its path.
There, too, somebody points at an element of the app, and its scripts are asked for their maps. It
only answers the workbench, which alone may have it in a frame.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache

from asgiref.typing import ASGISendCallable, HTTPScope
from django.conf import settings
from django.contrib.staticfiles import finders

PATH = "/.well-known/vibe-beside"
# In this order, in one scope.
PARTS = ("beside", "facts", "builds", "mappings", "picking")

# Below it nothing is the app's.
OURS = "/.well-known/vibe-"


def is_asked(scope: HTTPScope) -> bool:
    return scope["path"] == PATH and scope["method"] == "GET"


async def send_page(send: ASGISendCallable) -> None:
    """Answer a request with the page."""
    body = _page()
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [
                (b"content-type", b"text/html; charset=utf-8"),
                (b"content-length", str(len(body)).encode()),
                (b"cache-control", b"no-store"),
                (b"content-security-policy", _policy().encode()),
                (b"cross-origin-resource-policy", b"cross-origin"),
                (b"cross-origin-embedder-policy", b"require-corp"),
                (b"referrer-policy", b"no-referrer"),
                (b"x-content-type-options", b"nosniff"),
                (b"x-robots-tag", b"noindex"),
            ],
            "trailers": False,
        }
    )
    await send({"type": "http.response.body", "body": body, "more_body": False})


@cache
def _script() -> str:
    return "\n".join(_part(name) for name in PARTS)


def _part(name: str) -> str:
    path = finders.find(f"preview/beside/{name}.js")
    assert isinstance(path, str)
    with open(path, encoding="utf-8") as file:
        return file.read()


@cache
def _page() -> bytes:
    return f"<!doctype html><title>Beside the app</title><script>{_script()}</script>".encode()


@cache
def _policy() -> str:
    digest = base64.b64encode(hashlib.sha256(_script().encode()).digest()).decode()
    host = settings.PUBLIC_HOST
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; connect-src 'self'; "
        f"frame-ancestors http://{host}:* https://{host}:*"
    )
