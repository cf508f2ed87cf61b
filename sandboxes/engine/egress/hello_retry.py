"""The second greeting of a TLS client, which a server may ask for (RFC 8446 section 4.1.4).

Servers take the name of the second one, so it is looked at as the first was.
"""

from __future__ import annotations

import asyncio

from .client_hello import HANDSHAKE, RECORD_HEADER, ClientHello, ClientHelloReader, Malformed
from .relay import CHUNK

SERVER_HELLO = 2
MOST_AHEAD = 128 * 1024
# What stands for the random bytes of a ServerHello that asks for another greeting.
RETRY = bytes.fromhex(
    "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"  # a constant of TLS
)
RANDOM = slice(RECORD_HEADER + 6, RECORD_HEADER + 6 + len(RETRY))


async def server_answer(reader: asyncio.StreamReader) -> tuple[bytes, bool]:
    """The first bytes of a server, and whether they ask for another greeting."""
    data = await reader.read(CHUNK)
    while data[:1] == bytes([HANDSHAKE]) and len(data) < RANDOM.stop:
        more = await reader.read(CHUNK)
        if not more:
            break
        data += more
    is_hello = data[RECORD_HEADER : RECORD_HEADER + 1] == bytes([SERVER_HELLO])
    return data, is_hello and data[RANDOM] == RETRY


async def second_greeting(
    reader: asyncio.StreamReader, held: bytes
) -> tuple[bytes, ClientHello | None]:
    """All that a client sends up to the end of its second greeting, and that; None when the
    client ends first. `held` is what has come already. Raises Malformed."""
    data = bytearray(held)
    hello: ClientHelloReader | None = None
    fresh = held
    at = 0  # where the record begins that is looked at
    while True:
        while hello is None and len(data) - at >= RECORD_HEADER:
            if data[at] == HANDSHAKE:
                hello, fresh = ClientHelloReader(), bytes(data[at:])
            else:  # data that it sent ahead, or a record for old boxes on the way
                at += RECORD_HEADER + int.from_bytes(data[at + 3 : at + 5], "big")
        if hello is not None and (found := hello.feed(fresh)) is not None:
            return bytes(data), found
        if len(data) > MOST_AHEAD:
            raise Malformed("too much before the second greeting")
        fresh = await reader.read(CHUNK)
        if not fresh:
            return bytes(data), None
        data += fresh
