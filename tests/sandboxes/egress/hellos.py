"""Greetings of TLS clients, as they are and as hostile programs would cut them."""

from __future__ import annotations

import ssl

import pytest

NAME = "good.test"


def greeting(name: str | None = NAME) -> bytes:
    """What the ssl module of this Python sends first."""
    context = ssl.create_default_context()
    context.check_hostname = False
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(incoming, outgoing, server_hostname=name)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def in_records(hello: bytes, size: int) -> bytes:
    """The same message in records of `size` bytes."""
    message = hello[5:]
    cut = [message[at : at + size] for at in range(0, len(message), size)]
    return b"".join(hello[:3] + len(piece).to_bytes(2, "big") + piece for piece in cut)


def extended(hello: bytes, kind: int, content: bytes) -> bytes:
    """The same greeting with one more extension."""
    message = bytearray(hello[9:])
    at = 34
    for width in (1, 2, 1):
        at += width + int.from_bytes(message[at : at + width], "big")
    extension = kind.to_bytes(2, "big") + len(content).to_bytes(2, "big") + content
    length = int.from_bytes(message[at : at + 2], "big") + len(extension)
    message[at : at + 2] = length.to_bytes(2, "big")
    message += extension
    body = b"\x01" + len(message).to_bytes(3, "big") + bytes(message)
    return hello[:3] + len(body).to_bytes(2, "big") + body


def named(*names: str, kind: int = 0) -> bytes:
    """The content of a server_name extension."""
    entries = b"".join(
        bytes([kind]) + len(name).to_bytes(2, "big") + name.encode() for name in names
    )
    return len(entries).to_bytes(2, "big") + entries


HELLO = greeting()
