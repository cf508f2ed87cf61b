"""A client's TLS greeting (RFC 8446 sections 4.1.2 and 5.1), read to its end as it comes in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

HANDSHAKE, CLIENT_HELLO, SERVER_NAME, HOST_NAME = 0x16, 1, 0, 0
# Encrypted ClientHello, its drafts, and what came before it: the name that counts is hidden.
HIDING = frozenset({0xFE0D, *range(0xFE08, 0xFE0D), 0xFFCE})
RECORD_HEADER, MOST_OF_RECORD = 5, 1 << 14
MOST_BYTES = 32 * 1024  # of the message; those with keys against quantum computers have 2 KB
MOST_RECORDS = 16 * 1024


class Malformed(ValueError):
    """These bytes are no greeting, or one that hosts might read in different ways."""


@dataclass(frozen=True)
class ClientHello:
    """`server_name` as it was sent. `hides`: another name may lie in it, encrypted."""

    server_name: str | None
    hides: bool


class ClientHelloReader:
    """Takes the bytes of a connection from its start, in pieces of any size."""

    def __init__(self) -> None:
        self._record = bytearray()  # of which something is still to come
        self._message = bytearray()
        self._records = 0
        self.rest = b""

    def feed(self, data: bytes) -> ClientHello | None:
        """The greeting once all of it is there; what follows it is then in `rest`. Raises
        Malformed."""
        self._record += data
        at = 0
        while (whole := self._length_of_record(at)) is not None:
            self._message += self._record[at + RECORD_HEADER : at + whole]
            at += whole
            self._records += 1
            if (found := self._complete()) is not None:
                self.rest = bytes(self._record[at:])
                return found
        del self._record[:at]
        return None

    def _length_of_record(self, at: int) -> int | None:
        """With its header; None while it is not whole."""
        header = self._record[at : at + RECORD_HEADER]
        if header[:1] not in (b"", bytes([HANDSHAKE])) or header[1:2] not in (b"", b"\x03"):
            raise Malformed("not a record of a handshake")
        if len(header) < RECORD_HEADER:
            return None
        length = int.from_bytes(header[3:], "big")
        if not 0 < length <= MOST_OF_RECORD or self._records >= MOST_RECORDS:
            raise Malformed("a record of a size that no greeting has")
        return RECORD_HEADER + length if len(self._record) - at >= RECORD_HEADER + length else None

    def _complete(self) -> ClientHello | None:
        if self._message[0] != CLIENT_HELLO:
            raise Malformed("not a ClientHello")
        if len(self._message) < 4:
            return None
        length = int.from_bytes(self._message[1:4], "big")
        if length > MOST_BYTES:
            raise Malformed("too long")
        if len(self._message) < 4 + length:
            return None
        if len(self._message) > 4 + length:
            raise Malformed("a message behind the greeting in its record")
        return _understood(bytes(self._message[4:]))


def _understood(message: bytes) -> ClientHello:
    body = _Bytes(message)
    body.take(2 + 32)  # version, random
    body.block(1)  # session
    body.block(2)  # cipher suites
    body.block(1)  # compression
    if body.is_over():
        return ClientHello(None, hides=False)
    extensions = dict(_extensions(_Bytes(body.block(2))))
    body.end()
    name = _name(_Bytes(extensions[SERVER_NAME])) if SERVER_NAME in extensions else None
    return ClientHello(name, hides=not HIDING.isdisjoint(extensions))


def _extensions(data: _Bytes) -> Iterator[tuple[int, bytes]]:
    seen: set[int] = set()
    while not data.is_over():
        kind = data.number(2)
        if kind in seen:
            raise Malformed("an extension comes twice")
        seen.add(kind)
        yield kind, data.block(2)


def _name(data: _Bytes) -> str:
    names = _Bytes(data.block(2))
    data.end()
    if names.number(1) != HOST_NAME:
        raise Malformed("a name of an unknown kind")
    name = names.block(2)
    names.end()  # of two names, each host might take another one
    return name.decode("ascii", "replace")


class _Bytes:
    """Reads from the front; Malformed when there is not as much."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        if self._at + count > len(self._data):
            raise Malformed("it ends too early")
        self._at += count
        return self._data[self._at - count : self._at]

    def number(self, count: int) -> int:
        return int.from_bytes(self.take(count), "big")

    def block(self, count: int) -> bytes:
        """What a length of `count` bytes says to follow."""
        return self.take(self.number(count))

    def is_over(self) -> bool:
        return self._at == len(self._data)

    def end(self) -> None:
        if not self.is_over():
            raise Malformed("something follows that nobody reads")
