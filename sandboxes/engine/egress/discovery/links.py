"""The hosts that an index sends its clients to for the files themselves."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterable
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

from .places import Place, place_of

SECONDS = 15.0
MOST_BYTES = 4 << 20
# Packages that an index has if it has any; their pages are asked for, never the whole list.
PYTHON_PACKAGES = ("pip", "setuptools", "six")
NODE_PACKAGES = ("npm", "semver")


def of_python_index(index: Place) -> list[str]:
    """Addresses that one package page of a PEP 503 index leads to, redirects included."""
    for package in PYTHON_PACKAGES:
        answer = _fetch(f"{index.url.rstrip('/')}/{package}/", index)
        if answer is not None:
            base, seen, content = answer
            return [*seen, *(urljoin(base, link) for link in _Anchors.of(content))]
    return []


def of_node_registry(registry: Place) -> list[str]:
    """Addresses of one package's archive, redirects included."""
    for package in NODE_PACKAGES:
        answer = _fetch(f"{registry.url.rstrip('/')}/{package}/latest", registry)
        if answer is None:
            continue
        _, seen, content = answer
        try:
            archive = json.loads(content)["dist"]["tarball"]
        except (ValueError, KeyError, TypeError):
            continue
        return [*seen, str(archive)]
    return []


def patterns_of(urls: Iterable[str]) -> list[str]:
    return sorted({place.pattern for url in urls if (place := place_of(url)) is not None})


class _Redirects(urllib.request.HTTPRedirectHandler):
    def __init__(self) -> None:
        self.seen: list[str] = []

    def redirect_request(
        self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, new: str
    ) -> Any:
        self.seen.append(new)
        return super().redirect_request(req, fp, code, msg, headers, new)


def _fetch(url: str, place: Place) -> tuple[str, list[str], bytes] | None:
    """(final address, addresses on the way, content); None when there is no such page."""
    redirects = _Redirects()
    opener = urllib.request.build_opener(redirects)
    request = urllib.request.Request(  # noqa: S310 - an address that the operator set
        url, headers={"Accept": "*/*"}
    )
    for login in place.logins:
        request.add_unredirected_header("Authorization", login.authorization)
    try:
        with opener.open(request, timeout=SECONDS) as answer:
            return answer.geturl(), redirects.seen, answer.read(MOST_BYTES)
    except (OSError, urllib.error.URLError, ValueError):
        return None


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a" and (link := dict(attrs).get("href")):
            self.links.append(link)

    @classmethod
    def of(cls, content: bytes) -> list[str]:
        parser = cls()
        parser.feed(content.decode("utf-8", "replace"))
        return parser.links
