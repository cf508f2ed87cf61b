"""Connections to an address that a user wrote: they must not lead into the operator's network."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Protocol, cast

import httpcore2
import httpx2
from django.conf import settings
from django.utils.module_loading import import_string
from typing_extensions import override

MOST_ADDRESSES = 4


class AddressCheck(Protocol):
    """What the setting ADDRESS_CHECK names: why an address may not be reached, or nothing."""

    def refusal(self, address: IPv4Address | IPv6Address) -> str: ...


class AddressRefused(httpcore2.ConnectError):
    """The text says why, for people."""


def refused_literal(host: str) -> str:
    """Why a host that is an address may not be reached; empty for names, whose addresses are
    looked at when they are connected to."""
    host = host.lower().rstrip(".")  # with a dot at its end it is the same host
    if host == "localhost" or host.endswith(".localhost"):
        return "an address of this machine"
    try:
        return _check().refusal(ip_address(host.strip("[]")))
    except ValueError:
        pass
    try:  # 127.1, 0x7f000001, 2130706433: forms that resolvers still take
        return _check().refusal(IPv4Address(socket.inet_aton(host)))
    except OSError:
        return ""


class GuardedTransport(httpx2.AsyncHTTPTransport):
    """Looks at the addresses of a name and connects to those that it has looked at, so that a name
    cannot change its mind in between. It asks no proxy, which would look the name up itself."""

    def __init__(self) -> None:
        super().__init__(trust_env=False)
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=httpx2.create_ssl_context(), network_backend=_Backend()
        )


class _Backend(httpcore2.AsyncNetworkBackend):
    def __init__(self) -> None:
        self._plain = httpcore2.AnyIOBackend()

    @override
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        fault: Exception = httpcore2.ConnectError(f"{host} has no address")
        for address in await _permitted(host, port):
            try:
                return await self._plain.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                fault = error
        raise fault

    @override
    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore2.AsyncNetworkStream:
        raise AddressRefused("A socket of this machine is not reached.")

    @override
    async def sleep(self, seconds: float) -> None:
        await self._plain.sleep(seconds)


async def _permitted(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpcore2.ConnectError(f"getaddrinfo: {error}") from error
    refused, kept = "", []
    for address in dict.fromkeys(str(info[4][0]).partition("%")[0] for info in found):
        words = _check().refusal(ip_address(address))
        refused = refused or words
        if not words:
            kept.append(address)
    if not kept:
        raise AddressRefused(f"{host} leads to {refused}, where a server of one's own may not lie.")
    return kept[:MOST_ADDRESSES]


@cache
def _check() -> AddressCheck:
    return cast(AddressCheck, import_string(settings.ADDRESS_CHECK)())
