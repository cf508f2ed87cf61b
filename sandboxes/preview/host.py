"""Which sandbox and port a Host header names, strictly; everything else never gets a preview."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from django.conf import settings

from sandboxes.engine.ports import is_usable


@dataclass(frozen=True)
class Target:
    port: int
    sandbox_id: str


@dataclass(frozen=True)
class Site:
    """A preview as its browser addresses it. scheme: http or https. host: its Host header."""

    target: Target
    scheme: str
    host: str

    def address(self, port: int) -> str:
        """Where another port of the same sandbox has its preview, without a path."""
        host = self.host.lower().replace(f"{self.target.port}-", f"{port}-", 1)
        return f"{self.scheme}://{host}"


class BadHost(Exception):
    """The host lies below the preview domain but names no preview; it must not reach Django."""


@cache
def _pattern(domain: str) -> re.Pattern[str]:
    return re.compile(rf"([0-9]{{4,5}})-([a-z0-9]{{20}})\.{re.escape(domain)}(?::[0-9]{{1,5}})?")


def parse(host: str) -> Target | None:
    """Return what `host` (a Host header) names, or None when it is not below the preview domain.

    Raises BadHost for whatever merely looks like a preview's host.
    """
    host = host.lower()
    domain = settings.PREVIEW_DOMAIN.lower()
    match = _pattern(domain).fullmatch(host)
    if match:
        port = int(match[1])
        if not is_usable(port) or match[1][0] == "0":
            raise BadHost
        return Target(port, match[2])
    # Browsers take "x.localhost." for the same host, and a name may hide behind "user@".
    name = re.sub(r":[0-9]*$", "", host).rstrip(".")
    if name.endswith(f".{domain}") and name not in settings.ALLOWED_HOSTS:
        raise BadHost
    return None


def parse_headers(headers: list[tuple[bytes, bytes]]) -> Target | None:
    """Like `parse`, for the headers of a request; two Host headers are a trick (BadHost)."""
    hosts = [value.decode("latin-1") for name, value in headers if name.lower() == b"host"]
    if len(hosts) > 1:
        raise BadHost
    return parse(hosts[0]) if hosts else None
