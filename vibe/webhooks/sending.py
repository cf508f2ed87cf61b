"""One POST to an address that a user chose: it must not lead into the operator's own network."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address
from typing import Any

import httpcore

TIMEOUT = 10.0
SHOWN = 200


class NotSent(Exception):
    """No answer came; the text says why, for the delivery log."""


class _PublicOnly(httpcore.NetworkBackend):
    """Connects to the address that was checked, so that a name cannot change in between."""

    def __init__(self, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(f"The name {host} has no address ({error}).") from None
        addresses = [str(entry[4][0]) for entry in found]
        usable = [text for text in addresses if self._allow_private or is_public(text)]
        if not usable:
            raise httpcore.ConnectError(f"{host} leads to a private address, which is not allowed.")
        return self._backend.connect_tcp(usable[0], port, timeout=timeout)


def post(url: str, body: bytes, headers: dict[str, str], *, allow_private: bool) -> int:
    """Send `body` and return the answer's status; redirects are not followed. Raises NotSent."""
    sent = {"Content-Type": "application/json", "User-Agent": "Vibe-Webhooks/1", **headers}
    timeouts = dict.fromkeys(("connect", "read", "write", "pool"), TIMEOUT)
    try:
        with (
            httpcore.ConnectionPool(network_backend=_PublicOnly(allow_private)) as pool,
            pool.stream(
                "POST",
                url,
                headers=list(sent.items()),
                content=body,
                extensions={"timeout": timeouts},
            ) as response,
        ):
            # The body is not read: it may be endless, and nobody needs it.
            return response.status
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
        raise NotSent(str(error)[:SHOWN] or type(error).__name__) from None
    except (httpcore.UnsupportedProtocol, ValueError, UnicodeError) as error:
        raise NotSent(f"The address cannot be used: {error}"[:SHOWN]) from None


def is_public(text: str) -> bool:
    """Whether the IP address lies on the public internet."""
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.is_global and not address.is_multicast
