"""The server name in a TLS greeting (RFC 8446 section 4.1.2, RFC 6066 section 3)."""

from __future__ import annotations

HANDSHAKE, CLIENT_HELLO, SERVER_NAME, HOST_NAME = 0x16, 1, 0, 0


def server_name(data: bytes) -> str | None:
    """The name that the first bytes of a client ask for; None when they hold none, or not all.

    Of a greeting in several records or packets only what is here is looked at: it is a second
    lock beside the name of the tunnel, not the first.
    """
    try:
        return _name(_Bytes(data))
    except IndexError:
        return None


def _name(data: _Bytes) -> str | None:
    if data.number(1) != HANDSHAKE:
        return None
    data.skip(4)  # version, length of the record
    if data.number(1) != CLIENT_HELLO:
        return None
    data.skip(3 + 2 + 32)  # length, version, random
    data.skip(data.number(1))  # session
    data.skip(data.number(2))  # cipher suites
    data.skip(data.number(1))  # compression
    end = data.number(2) + data.at
    while data.at < end:
        kind, length = data.number(2), data.number(2)
        if kind == SERVER_NAME:
            data.skip(2)
            if data.number(1) != HOST_NAME:
                return None
            return data.take(data.number(2)).decode("ascii", "replace")
        data.skip(length)
    return None


class _Bytes:
    """Reads from the front; IndexError when there is not as much."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        if self.at + count > len(self.data):
            raise IndexError
        self.at += count
        return self.data[self.at - count : self.at]

    def skip(self, count: int) -> None:
        self.take(count)

    def number(self, count: int) -> int:
        return int.from_bytes(self.take(count), "big")
