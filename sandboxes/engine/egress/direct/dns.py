"""Messages of DNS (RFC 1035): one question in, one answer out, and nothing else understood."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address, IPv6Address

HEADER = struct.Struct("!6H")
MOST_BYTES = 1024  # of a question; ours is one name and perhaps an option
MOST_NAME = 255
IN, ANY_CLASS = 1, 255
RESPONSE, OPCODE, TRUNCATED, RECURSION_WANTED, RECURSION = 0x8000, 0x7800, 0x0200, 0x0100, 0x0080


class Kind(IntEnum):
    A = 1
    PTR = 12
    AAAA = 28
    SVCB = 64
    HTTPS = 65
    ANY = 255


class Code(IntEnum):
    OK = 0
    MALFORMED = 1
    FAILED = 2
    UNKNOWN = 3
    NOT_DONE = 4
    REFUSED = 5


class NoQuestion(Exception):
    """Not worth an answer."""


@dataclass(frozen=True)
class Question:
    """`name` in lower case without a final dot. `raw` is the question as it came, which an answer
    repeats: some programs check its very spelling. `problem`: why it cannot be answered."""

    number: int
    flags: int
    name: str
    kind: int
    raw: bytes
    problem: Code = Code.OK


def read(data: bytes) -> Question:
    """Raises NoQuestion."""
    if not HEADER.size <= len(data) <= MOST_BYTES:
        raise NoQuestion
    number, flags, questions, *_ = HEADER.unpack_from(data)
    if flags & RESPONSE:  # answering answers is how two servers talk forever
        raise NoQuestion
    if flags & OPCODE:
        return Question(number, flags, "", 0, b"", Code.NOT_DONE)
    try:
        if questions != 1:
            raise ValueError
        name, end = _name(data)
        kind, class_ = struct.unpack_from("!HH", data, end)
    except (ValueError, IndexError, struct.error):
        return Question(number, flags, "", 0, b"", Code.MALFORMED)
    raw = data[HEADER.size : end + 4]
    problem = Code.OK if class_ in (IN, ANY_CLASS) else Code.REFUSED
    return Question(number, flags, name, kind, raw, problem)


def _name(data: bytes) -> tuple[str, int]:
    """The name and where it ends. It comes first in a message, so nothing lies before it that a
    pointer could lead to. Raises ValueError, IndexError."""
    labels, place = [], HEADER.size
    while length := data[place]:
        if length > 63 or place + length + 1 - HEADER.size > MOST_NAME:
            raise ValueError
        labels.append(data[place + 1 : place + 1 + length])
        place += 1 + length
    return b".".join(labels).decode("ascii").lower(), place + 1


def written(
    question: Question,
    code: Code = Code.OK,
    data: tuple[int, bytes] | None = None,
    seconds: int = 0,
) -> bytes:
    """An answer; `data` is the kind and the content of its one record, kept for `seconds`."""
    flags = RESPONSE | RECURSION | (question.flags & (OPCODE | RECURSION_WANTED)) | code
    counts = (1 if question.raw else 0, 0 if data is None else 1, 0, 0)
    message = HEADER.pack(question.number, flags, *counts) + question.raw
    if data is None:
        return message
    kind, content = data
    name = 0xC000 | HEADER.size  # a pointer to the question's
    return message + struct.pack("!HHHIH", name, kind, IN, seconds, len(content)) + content


def address(address: IPv4Address | IPv6Address) -> tuple[int, bytes]:
    return (Kind.A if address.version == 4 else Kind.AAAA), address.packed


def pointer(name: str) -> tuple[int, bytes]:
    labels = (label.encode("ascii") for label in name.split("."))
    return Kind.PTR, b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def asked_address(name: str) -> IPv4Address | None:
    """The address that a question for a name (PTR) is about."""
    numbers, dot, rest = name.partition(".in-addr.arpa")
    if not dot or rest:
        return None
    try:
        return IPv4Address(".".join(reversed(numbers.split("."))))
    except ValueError:
        return None
