"""Where the body of an answer ends (RFC 9112 §6), and what of it goes on."""

from __future__ import annotations

import re
from typing import Protocol

_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[\t\x20-\x7e\x80-\xff]*)?")
# Bytes of a line between two pieces; what follows the last piece is read and dropped.
LONGEST_LINE = 4096
MOST_TRAILERS = 64 * 1024


class Broken(Exception):
    """The body ended early, or is none."""


class Body(Protocol):
    """done: nothing more belongs to it. exact: nothing followed it."""

    done: bool
    exact: bool

    def feed(self, data: bytes) -> bytes:
        """What of the stream is the body. Raises Broken."""
        ...

    def end(self) -> None:
        """The stream has ended. Raises Broken."""
        ...


class Counted:
    """A body of so many bytes."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.done = left == 0
        self.exact = True

    def feed(self, data: bytes) -> bytes:
        if len(data) > self.left:
            data, self.exact = data[: self.left], False
        self.left -= len(data)
        self.done = self.left == 0
        return data

    def end(self) -> None:
        if not self.done:
            raise Broken


class UntilEnd:
    """A body that lasts as long as its connection."""

    done = False
    exact = False

    def feed(self, data: bytes) -> bytes:
        return data

    def end(self) -> None:
        self.done = True


class Chunked:
    """A body in pieces, each with its size before it."""

    def __init__(self) -> None:
        self.done = False
        self.exact = True
        self._held = b""  # the beginning of a line
        self._left = 0  # bytes of the piece under way, with the line's end behind it
        self._trailers = 0  # bytes behind the last piece; 0 before that

    def feed(self, data: bytes) -> bytes:
        data, self._held = self._held + data, b""
        pieces: list[bytes] = []
        at = 0
        while at < len(data) and not self.done:
            if self._left:
                at = self._piece(data, at, pieces)
                continue
            end = data.find(b"\r\n", at)
            if end < 0:
                self._held = data[at:]
                if len(self._held) > LONGEST_LINE:
                    raise Broken
                return b"".join(pieces)
            self._line(data[at:end])
            at = end + 2
        self.exact = at == len(data)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def end(self) -> None:
        if not self.done:
            raise Broken

    def _piece(self, data: bytes, at: int, pieces: list[bytes]) -> int:
        """Take what there is of a piece; return the place behind it."""
        content = min(len(data) - at, self._left - 2)
        if content > 0:
            pieces.append(data[at : at + content])
            self._left -= content
            at += content
        closing = data[at : at + self._left] if self._left <= 2 else b""
        if closing and closing != b"\r\n"[-self._left :][: len(closing)]:
            raise Broken
        self._left -= len(closing)
        return at + len(closing)

    def _line(self, line: bytes) -> None:
        if self._trailers:
            self._trailers += len(line) + 2
            if self._trailers > MOST_TRAILERS:
                raise Broken
            self.done = not line
            return
        found = _SIZE.fullmatch(line)
        if found is None:
            raise Broken
        size = int(found[1], 16)
        if size:
            self._left = size + 2
        else:
            self._trailers = 1


def piece(data: bytes) -> bytes:
    """One piece of a chunked body; nothing for nothing, which would end it."""
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""


LAST = b"0\r\n\r\n"
