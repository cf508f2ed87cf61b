"""The bytes of an archive as they come from the host, unpacked and checked against bombs."""

from __future__ import annotations

import io
import zlib
from typing import Any

from .content import CHUNK
from .frames import Failure, Stream

SUSPICIOUS = 100 << 20  # bytes from which on the ratio of an archive is looked at
MAX_RATIO = 200


class Incoming(io.RawIOBase):
    """The content of the request as a file; `count` bytes of it have been read."""

    def __init__(self, stream: Stream) -> None:
        self.blocks = stream.blocks()
        self.rest = b""
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self.rest:
            self.rest = next(self.blocks, b"")
        piece, self.rest = self.rest[: len(buffer)], self.rest[len(buffer) :]
        buffer[: len(piece)] = piece
        self.count += len(piece)
        return len(piece)


class Inflated(io.RawIOBase):
    """What a gzip stream holds, checked against bombs as it is unpacked."""

    def __init__(self, source: io.BufferedReader[Any], incoming: Incoming, most: int) -> None:
        self.source = source
        self.incoming = incoming
        self.most = most
        self.count = 0
        self.inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._next(len(buffer))
        buffer[: len(data)] = data
        self.count += len(data)
        check_size(self.count, self.incoming.count, self.most)
        return len(data)

    def _next(self, size: int) -> bytes:
        while True:
            if self.inflater.eof:
                # Several streams one after the other are one; zeros behind them are padding.
                packed = self.inflater.unused_data.lstrip(b"\0")
                while not packed:
                    if not (more := self.source.read1(CHUNK)):
                        return b""
                    packed = more.lstrip(b"\0")
                self.inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
            else:
                packed = self.inflater.unconsumed_tail or self.source.read1(CHUNK)
                if not packed:
                    raise EOFError("it ends too early")
            data = self.inflater.decompress(packed, size)
            if data:
                return data


def check_size(unpacked: int, packed: int, most: int) -> None:
    """Raise Failure for an archive that unpacks to too much."""
    if unpacked > most:
        raise Failure("too_large", f"The archive unpacks to more than {most} bytes.")
    if unpacked > SUSPICIOUS and unpacked > packed * MAX_RATIO:
        raise Failure("too_large", "The archive unpacks to far more than its size allows for.")
