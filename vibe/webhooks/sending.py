"""One POST to an address that a user chose: it must not lead into the operator's own network."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Protocol, cast
from urllib.parse import quote, urlsplit

import h11
import httpcore
from django.conf import settings
from django.utils.module_loading import import_string

SHOWN = 200
MOST_ADDRESSES = 4
CONNECT_SECONDS = 4.0  # to one address of several
MOST_HEAD = 16 * 1024
MOST_BYTES = 64 * 1024  # of an answer before its status; heads may come again and again
KEPT_IN_PATH = "/%:@!$&'()*+,;=~-._"

Resolve = Callable[[str], Awaitable[list[str]]]
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class NotSent(Exception):
    """No answer came; the text says why, for the delivery log."""


class AddressCheck(Protocol):
    """What the setting ADDRESS_CHECK names: why an address may not be reached, or nothing."""

    def refusal(self, address: IPv4Address | IPv6Address) -> str: ...


async def post(
    url: str, body: bytes, headers: dict[str, str], *, resolve: Resolve, allow_private: bool
) -> int:
    """Send `body` and return the answer's status; redirects are not followed, and no body is read.

    `resolve` gives the addresses of a name, or raises OSError. Takes as long as the receiver
    does. Raises NotSent.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        secure = parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        target = quote(parts.path or "/", safe=KEPT_IN_PATH)
        if parts.query:
            target += "?" + quote(parts.query, safe=KEPT_IN_PATH + "?")
        if parts.scheme not in ("http", "https") or not host:
            raise ValueError("it is neither http nor https")
    except ValueError as error:  # that of names is one too
        raise NotSent(f"The address cannot be used: {error}"[:SHOWN]) from None
    authority = f"[{host}]" if ":" in host else host
    if parts.port is not None:
        authority += f":{parts.port}"
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=MOST_HEAD)
    sent: list[tuple[bytes, bytes]] = [
        (b"Host", authority.encode()),
        (b"Content-Type", b"application/json"),
        (b"Content-Length", str(len(body)).encode()),
        (b"User-Agent", b"Vibe-Webhooks/1"),
        (b"Connection", b"close"),
        *((name.encode(), value.encode()) for name, value in headers.items()),
    ]
    message = connection.send(h11.Request(method="POST", target=target, headers=sent)) or b""
    message += connection.send(h11.Data(data=body)) or b""
    addresses = await _permitted(host, resolve, allow_private)
    reader, writer = await _connected(addresses, host, port, secure)
    try:
        writer.write(message)
        return await _status(reader, connection)
    except OSError as error:
        raise NotSent(f"The connection broke: {error}"[:SHOWN]) from None
    except h11.RemoteProtocolError:
        raise NotSent("It did not answer as HTTP/1.1 does.") from None
    finally:
        writer.transport.abort()


async def _permitted(host: str, resolve: Resolve, allow_private: bool) -> list[str]:
    """The addresses of the host that may be connected to: what was checked is what is used, so
    that a name cannot change its mind in between."""
    try:
        found = [str(ip_address(host))]
    except ValueError:
        try:
            found = await resolve(host)
        except OSError as error:
            raise NotSent(f"The name {host} has no address ({error})."[:SHOWN]) from None
    refused = ""
    kept = []
    for text in dict.fromkeys(found):
        words = "" if allow_private else _check().refusal(ip_address(text.partition("%")[0]))
        refused = refused or words
        if not words:
            kept.append(text)
    if not kept:
        raise NotSent(f"{host} leads to {refused}, which no webhook may reach."[:SHOWN])
    return kept[:MOST_ADDRESSES]


async def _connected(addresses: list[str], host: str, port: int, secure: bool) -> Stream:
    why = ""
    for address in addresses:
        try:
            async with asyncio.timeout(CONNECT_SECONDS if len(addresses) > 1 else None):
                return await asyncio.open_connection(
                    address,
                    port,
                    ssl=_trust() if secure else None,
                    server_hostname=host if secure else None,
                    limit=MOST_HEAD,
                )
        except ssl.SSLCertVerificationError as error:
            raise NotSent(f"Its certificate does not hold: {error.verify_message}.") from None
        except (OSError, TimeoutError) as error:
            why = str(error) or "it does not answer"
    raise NotSent(f"It was not reached: {why}"[:SHOWN])


async def _status(reader: asyncio.StreamReader, connection: h11.Connection) -> int:
    left = MOST_BYTES
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            data = await reader.read(MOST_HEAD)
            left -= len(data)
            if left < 0:
                raise NotSent("Its answer has no end.")
            connection.receive_data(data)
        elif isinstance(event, h11.Response):
            return event.status_code
        elif not isinstance(event, h11.InformationalResponse):
            raise NotSent("It hung up without an answer.")


@cache
def _check() -> AddressCheck:
    return cast(AddressCheck, import_string(settings.ADDRESS_CHECK)())


@cache
def _trust() -> ssl.SSLContext:
    """This machine's authorities, and those of the library; reading them takes 20 ms."""
    return httpcore.default_ssl_context()
