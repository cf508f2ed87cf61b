"""A refusal in the words of the protocol that a program speaks, as far as it has some."""

from __future__ import annotations

import asyncio
import contextlib
import struct

from ..answers import Refusal, last_words
from ..opening import Opening, kind_of
from ..relay import CHUNK, Stream

WAIT_SECONDS = 5.0  # a program that waits for its host to speak first hears nothing
ACCESS_DENIED = b"\x15\x03\x03\x00\x02\x02\x31"  # TLS: fatal alerts
INTERNAL_ERROR = b"\x15\x03\x03\x00\x02\x02\x50"
REDIS_ARRAY = b"*"
SSH = b"SSH-"
SSH_DISCONNECT, NOT_ALLOWED = 1, 1  # RFC 4253, 11.1
# PostgreSQL: wishes for an encrypted connection, which it answers before anything else.
ENCRYPTION = (b"\0\0\0\x08\x04\xd2\x16\x2f", b"\0\0\0\x08\x04\xd2\x16\x30")
NO_ENCRYPTION = b"N"
MYSQL_PORT = 3306  # of its own protocol, in which the server speaks first
MYSQL_NOT_ALLOWED = 1130


async def speak(near: Stream, port: int, refusal: Refusal) -> None:
    """Say it; closing the connection is the caller's."""
    reader, writer = near
    text = f"{refusal.short}. {refusal.hint}".strip()
    if port == MYSQL_PORT:
        writer.write(_mysql_error(text))
        return
    first = await _next(reader)
    for _ in ENCRYPTION:
        if first in ENCRYPTION:
            writer.write(NO_ENCRYPTION)
            first = await _next(reader)
    kind = kind_of(first) if first else None
    if kind is Opening.TLS:
        writer.write(ACCESS_DENIED if refusal.status == 403 else INTERNAL_ERROR)
    elif first[:1] == REDIS_ARRAY:
        writer.write(f"-ERR {refusal.short}\r\n".encode())
    elif first.startswith(SSH):
        writer.write(b"SSH-2.0-refused\r\n" + _ssh_end(text))
    elif _is_postgres(first):
        writer.write(_postgres_error(text))
    elif kind is Opening.HTTP or port == 80:
        await last_words(reader, writer, refusal)
        return
    await _wait_for_end(reader)


async def _next(reader: asyncio.StreamReader) -> bytes:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(WAIT_SECONDS):
            return await reader.read(CHUNK)
    return b""


async def _wait_for_end(reader: asyncio.StreamReader) -> None:
    """Closing with something unread would take the words from their reader."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1.0):
            while await reader.read(CHUNK):
                pass


def _mysql_error(text: str) -> bytes:
    error = b"\xff" + struct.pack("<H", MYSQL_NOT_ALLOWED) + text.encode()
    return struct.pack("<I", len(error)) + error  # the fourth byte is the number of the packet: 0


def _is_postgres(first: bytes) -> bool:
    """Whether it is what opens a conversation of PostgreSQL: its length, then version 3."""
    return len(first) >= 8 and struct.unpack_from("!IH", first) == (len(first), 3)


def _postgres_error(text: str) -> bytes:
    fields = b"SFATAL\0VFATAL\0C28000\0M" + text.encode() + b"\0\0"
    return b"E" + struct.pack("!I", len(fields) + 4) + fields


def _ssh_end(text: str) -> bytes:
    """The packet that ends a connection, before anything is encrypted."""
    content = text.encode()
    packet = struct.pack("!BII", SSH_DISCONNECT, NOT_ALLOWED, len(content)) + content + b"\0" * 4
    padding = 8 - (len(packet) + 5) % 8
    padding += 8 if padding < 4 else 0
    return struct.pack("!IB", 1 + len(packet) + padding, padding) + packet + bytes(padding)
