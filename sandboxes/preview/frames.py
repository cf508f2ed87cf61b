"""The frames of a WebSocket (RFC 6455 §5.2) as they pass by: nothing is unmasked, joined or kept.

A message may be far larger than what a process wants to hold, so its bytes go on as they come.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

CONTINUATION, CLOSE, PING, PONG = 0, 8, 9, 10
FIRST_CONTROL = 8
LARGEST_CONTROL = 125
FINAL, MASKED = 0x80, 0x80
# What our own pings carry; the answers to them are nobody else's.
OWN_PING = b"vibe-preview"


class Fault(Enum):
    """Why a direction is refused from some frame on."""

    TOO_LARGE = "a message is larger than may pass"
    BROKEN = "a control frame cannot be one"


@dataclass
class Frames:
    """One direction of a socket. largest: bytes of one message."""

    largest: int
    fault: Fault | None = None  # nothing passes any more, from the frame on that has it
    closed: bool = False  # there was a close frame
    code: int = 1005  # which that frame gave: 1005 is none
    stops: bool = False  # pass nothing on after the frame that is under way
    _held: bytes = b""  # the beginning of a frame whose head or control payload is not whole
    _left: int = 0  # bytes of the payload under way
    _size: int = 0  # bytes of the message under way
    _spans: list[list[int]] = field(default_factory=list)  # of what came last: what goes on

    @property
    def at_boundary(self) -> bool:
        """Whether a frame of our own may follow what has passed."""
        return self._left == 0 or self.fault is not None

    def pass_on(self, data: bytes) -> list[bytes]:
        """What of the stream goes on, now that `data` has come."""
        if not self._held and self._left >= len(data):
            self._left -= len(data)
            return [data] if self.fault is None else []
        data, self._held, self._spans = self._held + data, b"", []
        at = self._payload(data, 0)
        while at < len(data) and not self.stops:
            begin, at = at, self._frame(data, at)
            if at < 0:
                self._held = data[begin:]
                break
        return [data[begin:end] for begin, end in self._spans]

    def _frame(self, data: bytes, at: int) -> int:
        """Take one frame's head and what there is of its payload; return the place behind it,
        -1 when too little of it is there."""
        head = _head(data, at)
        if head is None:
            return -1
        if head.opcode >= FIRST_CONTROL:
            if head.size <= LARGEST_CONTROL and head.final:
                return self._control(data, at, head)
            self.fault = self.fault or Fault.BROKEN
        else:
            self._size = head.size + (self._size if head.opcode == CONTINUATION else 0)
            if self._size > self.largest:
                self.fault = self.fault or Fault.TOO_LARGE
            if head.final:
                self._size = 0
        self._give(at, head.end)
        self._left = head.size
        return self._payload(data, head.end)

    def _payload(self, data: bytes, start: int) -> int:
        end = min(len(data), start + self._left)
        if end > start:
            self._give(start, end)
            self._left -= end - start
        return end

    def _control(self, data: bytes, at: int, head: _Head) -> int:
        end = head.end + head.size
        if end > len(data):
            return -1
        payload = _unmasked(data[head.end : end], head.mask)
        if head.opcode == PONG and payload == OWN_PING:
            return end
        if head.opcode == CLOSE:
            self.closed = True
            self.code = int.from_bytes(payload[:2], "big") if len(payload) >= 2 else 1005
        self._give(at, end)
        return end

    def _give(self, begin: int, end: int) -> None:
        if self.fault is not None:
            return
        if self._spans and self._spans[-1][1] == begin:
            self._spans[-1][1] = end
        else:
            self._spans.append([begin, end])


def frame(opcode: int, payload: bytes = b"", *, masked: bool = False) -> bytes:
    """A control frame. masked: it goes to the server, for which a mask of zeros is one."""
    bit = MASKED if masked else 0
    return bytes((FINAL | opcode, bit | len(payload))) + (bytes(4) if masked else b"") + payload


def close_frame(code: int, reason: str = "", *, masked: bool = False) -> bytes:
    """A close frame; a reason that is too long for one is cut."""
    words = reason.encode()[: LARGEST_CONTROL - 2].decode(errors="ignore").encode()
    return frame(CLOSE, struct.pack("!H", code) + words, masked=masked)


class _Head(NamedTuple):
    """What stands before a payload. end: the place behind it. size: of the payload."""

    opcode: int
    final: bool
    mask: bytes
    end: int
    size: int


def _head(data: bytes, at: int) -> _Head | None:
    have = len(data) - at
    if have < 2:
        return None
    first, second = data[at], data[at + 1]
    size, end = second & 0x7F, at + 2
    if size >= 126:
        width = 2 if size == 126 else 8
        if have < 2 + width:
            return None
        size = int.from_bytes(data[end : end + width], "big")
        end += width
    mask = b""
    if second & MASKED:
        if len(data) < end + 4:
            return None
        mask = data[end : end + 4]
        end += 4
    return _Head(first & 0x0F, bool(first & FINAL), mask, end, size)


def _unmasked(payload: bytes, mask: bytes) -> bytes:
    return bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)) if mask else payload
