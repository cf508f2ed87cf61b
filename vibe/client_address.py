"""Where a request comes from, as limits count it."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest

# What one customer of a provider has for himself: he can choose any address in it.
IPV6_PREFIX = 64


def network_of(request: HttpRequest) -> str:
    """The address of whoever sent the request; of IPv6 the network that is his."""
    try:
        address = ipaddress.ip_address(_address(request).partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return str(ipaddress.ip_network((address, IPV6_PREFIX), strict=False))
        address = address.ipv4_mapped
    return str(address)


def _address(request: HttpRequest) -> str:
    """Each trusted proxy has put the address that it was asked from at the end of the header; what
    stands before theirs, the client may have written."""
    peer = str(request.META.get("REMOTE_ADDR") or "")
    trusted = settings.TRUSTED_PROXIES
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    if trusted <= 0 or len(forwarded) < trusted:
        return peer
    return forwarded[-trusted].strip("[]")
