"""Checks of the names by which browsers find the platform and its previews."""

from __future__ import annotations

import socket
from collections.abc import Iterator

from django.conf import settings

from vibe.addresses import is_address, preview_origin, site_of
from vibe.doctor.finding import Finding

MISSING = "the app in the frame has neither storage nor cookies"


def addresses() -> Iterator[Finding]:
    """Whether previews are of the platform's own site, and whether the names lead anywhere."""
    host, domain = settings.PUBLIC_HOST, settings.PREVIEW_DOMAIN
    yield _same_site(host, domain)
    if not (settings.HTTPS or host.endswith(".localhost") or host in settings.LOOPBACK_HOSTS):
        yield Finding(
            "Encryption", False, "plain HTTP: browsers keep no secure cookies, no service worker",
            "Put a proxy with TLS in front; see docs/deploying.md.", required=False,
        )  # fmt: skip
    if domain.endswith(".localhost"):
        return  # browsers know where that is; what programs make of it matters to nobody
    for name in (host, f"3000-{'x' * 20}.{domain}"):
        if not (is_address(name) or _is_known(name)):
            yield Finding(
                "Name", False, f"{name} leads nowhere from here",
                f"Add it to the DNS: {host} and *.{domain}, both to this machine.", required=False,
            )  # fmt: skip


def _same_site(host: str, domain: str) -> Finding:
    form = preview_origin(settings.PUBLIC_URL, domain, "SANDBOX", "PORT")
    detail = f"{settings.PUBLIC_URL}, previews at {form}"
    if is_address(host) or "." not in host:
        return Finding(
            "Addresses", False, f"{detail}: of another site, so {MISSING}",
            "Give VIBE_URL a name with sub-domains; an IP address has none.", required=False,
        )  # fmt: skip
    if site_of(host) != site_of(domain):
        return Finding(
            "Addresses", False, f"{detail}: sites {site_of(host)} and {site_of(domain)}, so "
            f"{MISSING}", "Leave out VIBE_PREVIEW_DOMAIN, or take a domain below the same one.",
            required=False,
        )  # fmt: skip
    return Finding("Addresses", True, detail)


def _is_known(name: str) -> bool:
    try:
        return bool(socket.getaddrinfo(name, None))
    except OSError:
        return False
